import { words as w } from '@huitong/contract'

/** What the pages of correction applications and suspected violations say: it stays out of the dictionary that every page loads. */
export const FEEDBACK = {
  'correction.none': w('没有校核申请。', 'No correction applications.'),
  'correction.number': w('申请号', 'Number'),
  'correction.applicant': w('申请部门', 'Applicant'),
  'correction.item': w('信息项', 'Item'),
  'correction.record': w('记录', 'Record'),
  'correction.reason': w('校核理由', 'Why'),
  'correction.answer': w('答复', 'Answer'),
  'correction.answered': w('已答复', 'Answered'),
  'correction.outcome': w('处理结果', 'Outcome'),
  'correction.pick': w('请选择处理结果', 'Choose the outcome'),
  'correction.write': w('请填写至少 4 个字', 'Write at least 4 characters'),
  'correction.new': w('提出校核申请', 'Apply for a correction'),
  'correction.made': w('校核申请已提出', 'The application was made'),
  'correction.pickDataset': w('请选择信息资源', 'Choose a dataset'),
  'correction.recordHint': w('哪一条记录，如代码或编号', 'Which record: its code or number'),
  'violation.none': w(
    '没有疑似违规。校核申请超过法定时限未答复时会自动列在这里。',
    'No suspected violations. A correction application that is not answered in time appears here by itself.',
  ),
  'violation.number': w('编号', 'Number'),
  'violation.about': w('事由', 'About'),
  'violation.late': w('{rule}超期：{subject}', '{rule} overdue: {subject}'),
  'violation.statement': w('情况说明', 'Statement'),
  'violation.decision': w('认定意见', 'Decision'),
  'violation.raisedAt': w('发现时间', 'Raised'),
  'violation.state': w('提交情况说明', 'Make a statement'),
  'violation.stated': w('情况说明已提交', 'The statement was made'),
  'violation.decide': w('认定', 'Decide'),
  'violation.decided': w('认定已作出', 'The decision was made'),
} as const

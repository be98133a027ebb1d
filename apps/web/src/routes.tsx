import type { Permission } from '@huitong/contract'
import type { ComponentType } from 'react'
import type { RouteObject } from 'react-router'
import { AppShell } from './shells/app-shell.tsx'
import { Gate } from './shells/gate.tsx'
import { PageFault } from './shells/page-fault.tsx'
import { PlainShell } from './shells/plain-shell.tsx'

type Load = () => Promise<{ default: ComponentType }>

/** A page, loaded when it is first visited; with a permission it is reachable only to who holds it. */
function page(path: string, load: Load, need?: Permission): RouteObject {
  const lazy = async () => ({ Component: (await load()).default })
  if (!need) return { path, lazy }
  return { element: <Gate need={need} />, children: [{ path, lazy }] }
}

/** Every page of the platform. A page is one file and one line here. */
export const routes: RouteObject[] = [
  {
    element: <PlainShell />,
    errorElement: <PageFault />,
    // The skeleton rule: nothing is drawn in the first 300 ms.
    hydrateFallbackElement: <></>,
    children: [
      page('/login', () => import('./pages/identity/login.page.tsx')),
      page('/setup', () => import('./pages/identity/setup.page.tsx')),
    ],
  },
  {
    element: <AppShell />,
    errorElement: <PageFault />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <PageFault />,
        children: [
          page('/', () => import('./pages/portal/home.page.tsx')),
          page('/account/password', () => import('./pages/identity/password.page.tsx')),

          page('/search', () => import('./pages/catalogue/search.page.tsx'), 'catalogue.read'),
          page('/datasets', () => import('./pages/catalogue/datasets.page.tsx'), 'catalogue.read'),
          page('/datasets/new', () => import('./pages/catalogue/dataset-new.page.tsx'), 'dataset.compile'),
          page('/datasets/:id', () => import('./pages/catalogue/dataset.page.tsx'), 'catalogue.read'),
          page('/datasets/:id/lineage', () => import('./pages/centre/lineage/lineage.page.tsx'), 'catalogue.read'),
          page('/datasets/:id/edit', () => import('./pages/catalogue/dataset-edit.page.tsx'), 'dataset.compile'),

          page('/requests', () => import('./pages/requests/requests.page.tsx'), 'request.read'),
          page('/requests/new', () => import('./pages/requests/request-new.page.tsx'), 'request.make'),
          page('/requests/:id', () => import('./pages/requests/request.page.tsx'), 'request.read'),
          page('/requests/:id/edit', () => import('./pages/requests/request-edit.page.tsx'), 'request.make'),
          page('/request-templates', () => import('./pages/requests/templates.page.tsx'), 'request.read'),
          page('/obligations', () => import('./pages/requests/obligations.page.tsx'), 'obligation.read'),
          page('/grants', () => import('./pages/requests/grants.page.tsx'), 'grant.read'),
          page('/grants/:id', () => import('./pages/requests/grant.page.tsx'), 'grant.read'),

          page('/channels', () => import('./pages/exchange/channels.page.tsx'), 'channel.read'),
          page('/channels/new', () => import('./pages/exchange/channel-new.page.tsx'), 'request.configure'),
          page('/channels/:id', () => import('./pages/exchange/channel.page.tsx'), 'channel.read'),
          page('/statements/:id', () => import('./pages/exchange/statement.page.tsx'), 'channel.read'),

          page('/services', () => import('./pages/services/services.page.tsx'), 'service.read'),
          page('/services/:id', () => import('./pages/services/service.page.tsx'), 'service.read'),
          page('/applications', () => import('./pages/services/applications.page.tsx'), 'service.read'),
          page('/service-calls', () => import('./pages/services/calls.page.tsx'), 'service.call.read'),
          page('/assets', () => import('./pages/centre/assets.page.tsx'), 'asset.read'),
          page('/workbench', () => import('./pages/centre/workbench/workbench.page.tsx'), 'workbench.use'),
          page('/library', () => import('./pages/centre/library.page.tsx'), 'library.read'),
          page('/fusion', () => import('./pages/centre/fusion.page.tsx'), 'library.read'),
          page('/fusion-runs/:id', () => import('./pages/centre/fusion-run.page.tsx'), 'library.read'),
          page('/fusion-runs/:id/masters/:master', () => import('./pages/centre/master.page.tsx'), 'library.read'),

          page('/evidence', () => import('./pages/evidence/evidence.page.tsx'), 'evidence.read'),
          page('/evidence/:index', () => import('./pages/evidence/entry.page.tsx'), 'evidence.read'),
          page('/verification', () => import('./pages/evidence/verification.page.tsx'), 'audit.verify'),

          page('/quality/coverage', () => import('./pages/governance/coverage.page.tsx'), 'quality.read'),
          page('/quality/datasets/:id/standards', () => import('./pages/governance/bindings.page.tsx'), 'quality.read'),
          page(
            '/quality/datasets/:id/rules',
            () => import('./pages/governance/rule-design.page.tsx'),
            'quality.manage',
          ),
          page('/quality/recipes', () => import('./pages/governance/recipe/recipes.page.tsx'), 'quality.read'),
          page(
            '/quality/datasets/:id/recipe',
            () => import('./pages/governance/recipe/recipe.page.tsx'),
            'quality.read',
          ),
          page('/quality/suites', () => import('./pages/governance/suites.page.tsx'), 'quality.read'),
          page('/quality/suites/:id', () => import('./pages/governance/suite.page.tsx'), 'quality.read'),
          page('/quality/runs', () => import('./pages/governance/runs.page.tsx'), 'quality.read'),
          page('/quality/runs/:id', () => import('./pages/governance/run.page.tsx'), 'quality.read'),
          page('/quality/work-orders', () => import('./pages/governance/work-orders.page.tsx'), 'quality.read'),
          page('/quality/work-orders/:id', () => import('./pages/governance/work-order.page.tsx'), 'quality.read'),
          page('/quality/corrections', () => import('./pages/governance/corrections.page.tsx'), 'quality.read'),
          page('/quality/violations', () => import('./pages/governance/violations.page.tsx'), 'quality.read'),

          page('/standards/elements', () => import('./pages/standards/data-elements.page.tsx')),
          page('/standards/elements/:id', () => import('./pages/standards/data-element.page.tsx')),
          page('/standards/code-sets', () => import('./pages/standards/code-sets.page.tsx')),
          page('/standards/code-sets/:id', () => import('./pages/standards/code-set.page.tsx')),

          page('/nodes', () => import('./pages/nodes/nodes.page.tsx'), 'node.read'),
          page('/nodes/:id', () => import('./pages/nodes/node.page.tsx'), 'node.read'),
          page('/data-sources', () => import('./pages/nodes/sources.page.tsx'), 'node.read'),
          page('/data-sources/:id/uploads', () => import('./pages/nodes/uploads.page.tsx'), 'source.discover'),
          page('/data-sources/:id/tables', () => import('./pages/nodes/tables.page.tsx'), 'source.discover'),

          page('/departments', () => import('./pages/identity/departments.page.tsx'), 'directory.read'),
          page('/people', () => import('./pages/identity/people.page.tsx'), 'directory.read'),
          page('/roles', () => import('./pages/identity/roles.page.tsx'), 'directory.read'),
          page('/work', () => import('./pages/operations/work.page.tsx'), 'node.read'),
          page('/alerts', () => import('./pages/operations/alerts.page.tsx'), 'alert.read'),
          page('/incidents', () => import('./pages/operations/incidents.page.tsx'), 'alert.read'),
          page('/incidents/:id', () => import('./pages/operations/incident.page.tsx'), 'alert.read'),
          page('/report', () => import('./pages/operations/report.page.tsx'), 'report.read'),
          page('/health', () => import('./pages/operations/health.page.tsx'), 'health.read'),
          page('/legal-clock', () => import('./pages/standards/clock.page.tsx')),
          page('*', () => import('./pages/portal/unknown.page.tsx')),
        ],
      },
    ],
  },
]

import { type Static, Type } from 'typebox'
import { words } from '../../settings-words.ts'
import { settled, writing } from '../settings.ts'

/**
 * Settings of a folder that is reached by SFTP (SSH file transfer protocol). The server is known by its host key, which
 * somebody has compared: `ssh-keygen -lf` shows it, and so does the error that a wrong one leads to. A password or a
 * private key signs in.
 */
export const SftpSettings = Type.Object(
  {
    host: Type.String({ ...words('主机地址', 'Host'), pattern: '^[A-Za-z0-9._:-]{1,253}$' }),
    port: Type.Integer({ ...words('端口', 'Port'), minimum: 1, maximum: 65_535, default: 22 }),
    hostKey: Type.String({
      ...words('服务器指纹（SHA256:…）', 'Fingerprint of the server (SHA256:…)'),
      pattern: '^SHA256:[A-Za-z0-9+/]{43}$',
    }),
    folder: Type.String({
      ...words('文件夹（绝对路径）', 'Folder (absolute path)'),
      pattern: '^/[^\\u0000]*$',
      maxLength: 4096,
    }),
    user: Type.String({ ...words('用户名', 'User'), minLength: 1, maxLength: 80 }),
    password: Type.Optional(Type.String({ ...words('密码', 'Password'), maxLength: 1024, writeOnly: true })),
    privateKey: Type.Optional(
      Type.String({
        ...words('私钥 (PEM 或 OpenSSH)', 'Private key (PEM or OpenSSH)'),
        maxLength: 16_384,
        writeOnly: true,
      }),
    ),
    ...writing,
    ...settled,
  },
  { additionalProperties: false },
)

/** Settings of a folder that is reached by SFTP. */
export type SftpSettings = Static<typeof SftpSettings>

/**
 * Settings of a folder in a store that speaks the protocol of Amazon S3, such as MinIO, Ceph, or the object storage of a
 * government cloud. `addressing`: whether the bucket stands in the path or before the host.
 */
export const S3Settings = Type.Object(
  {
    endpoint: Type.String({
      ...words('服务地址', 'Address of the service'),
      pattern: '^https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$',
    }),
    region: Type.String({ ...words('区域', 'Region'), pattern: '^[A-Za-z0-9-]{1,64}$', default: 'us-east-1' }),
    addressing: Type.Union(
      [
        Type.Literal('path', words('桶名在路径中', 'The bucket stands in the path')),
        Type.Literal('host', words('桶名在主机名中', 'The bucket stands before the host')),
      ],
      { ...words('寻址方式', 'Addressing'), default: 'path' },
    ),
    bucket: Type.String({ ...words('存储桶', 'Bucket'), pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' }),
    folder: Type.Optional(
      Type.String({
        ...words(
          '文件夹（桶内前缀，以 / 结尾；空为整个桶）',
          'Folder (prefix in the bucket, ends with /; empty: all of it)',
        ),
        pattern: '^[^/\\u0000][^\\u0000]*/$',
        maxLength: 900,
      }),
    ),
    accessKeyId: Type.String({ ...words('访问密钥 ID', 'Access key id'), minLength: 1, maxLength: 128 }),
    secretAccessKey: Type.String({
      ...words('访问密钥', 'Secret access key'),
      minLength: 1,
      maxLength: 256,
      writeOnly: true,
    }),
    ...writing,
    complete: settled.complete,
  },
  { additionalProperties: false },
)

/** Settings of a folder in an S3-compatible store. */
export type S3Settings = Static<typeof S3Settings>

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { SftpSettings } from '../files/remote/settings.ts'

const PLACES = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd']
const START_TRIES_MAX = 100

/** OpenSSH's server for tests, with keys and a folder of its own. */
export interface TestSshd {
  /** The folder that it offers. */
  readonly folder: string
  readonly settings: SftpSettings
  stop(): void
}

/** Starts a server of our own. @throws when OpenSSH is not installed: its tests cannot say anything then. */
export async function startSshd(): Promise<TestSshd> {
  const program = PLACES.find((path) => existsSync(path))
  if (program === undefined)
    throw new Error('These tests need an SFTP server. Install it: apt-get install openssh-server openssh-sftp-server')
  const home = mkdtempSync(join(tmpdir(), 'huitong-sshd-'))
  const folder = join(home, '资料')
  mkdirSync(folder)
  // Where it is root it insists on this place.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  for (const name of ['host', 'user']) {
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, name)], {
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`)
  }
  const fingerprint = spawnSync('ssh-keygen', ['-lf', join(home, 'host.pub')], { encoding: 'utf8' }).stdout
  const port = await freePort()
  writeFileSync(
    join(home, 'config'),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${home}/host\nAuthorizedKeysFile ${home}/user.pub\nStrictModes no
PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nPidFile none\nSubsystem sftp internal-sftp\nMaxStartups 100\n`,
  )
  const server = spawn(program, ['-D', '-e', '-f', join(home, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  server.stderr.on('data', (data: Buffer) => (said += data.toString()))
  await waitFor(port, server, () => said)
  return {
    folder,
    settings: {
      host: '127.0.0.1',
      port,
      hostKey: /SHA256:\S+/.exec(fingerprint)![0],
      folder,
      user: userInfo().username,
      privateKey: readFileSync(join(home, 'user'), 'utf8'),
      encoding: 'auto',
      delimiter: 'auto',
      settleSeconds: 1,
    },
    stop() {
      server.kill('SIGKILL')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function waitFor(port: number, server: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < START_TRIES_MAX && server.exitCode === null; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
      socket.on('error', () => resolve(false))
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`sshd does not start: ${said()}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

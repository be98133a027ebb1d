import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Bundles the agent into one file that needs Node.js 24 and nothing else.
 * @returns path of the file.
 */
export async function bundleAgent(outfile = join(import.meta.dirname, 'dist', 'huitong-agent.mjs')): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, 'src', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Optional drivers that are not used; `pg` asks for them and lives without.
    external: ['pg-native', 'pg-cloudflare', 'cpu-features', '*.node'],
    // CommonJS packages inside call `require` for Node's own modules, and one looks where it lies.
    banner: {
      js: `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`,
    },
    legalComments: 'linked',
    logLevel: 'warning',
  })
  return outfile
}

if (import.meta.main) process.stdout.write(`${await bundleAgent()}\n`)

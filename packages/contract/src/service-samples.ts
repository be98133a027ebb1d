import { SIGNATURE_ALGORITHM, SIGNATURE_HASHES, type SignatureAlgorithm } from './application-signature.ts'

/**
 * Samples of a signed call in four languages, made from the service at hand: the page of a service shows them, and
 * `docs/services.md` has them for one service. Each reads address, application, secret and matter from the environment,
 * asks for one row, prints the reply, and needs nothing but what its language brings.
 */
export interface SampleOf {
  /** Path without the query. */
  readonly path: string
  /** Query in its canonical form. */
  readonly query: string
  readonly algorithm?: SignatureAlgorithm
}

export const SAMPLE_LANGUAGES = ['sh', 'js', 'python', 'java'] as const
export type SampleLanguage = (typeof SAMPLE_LANGUAGES)[number]

export function sampleOf(language: SampleLanguage, given: SampleOf): string {
  const { path, query, algorithm = SIGNATURE_ALGORITHM } = given
  const hash = SIGNATURE_HASHES[algorithm]
  return WRITERS[language]({ path, query, algorithm, hash, isOther: algorithm !== SIGNATURE_ALGORITHM })
}

interface Given extends Required<SampleOf> {
  readonly hash: string
  /** Not the usual algorithm: a header names it. */
  readonly isOther: boolean
}

const sh = ({ path, query, algorithm, hash, isOther }: Given) => `path=${path} query='${query}'
now=$(date +%s) nonce=$(openssl rand -hex 16) body=$(printf '' | openssl dgst -${hash} -r | cut -d' ' -f1)
text=$(printf '${algorithm}\\nGET\\n%s\\n%s\\n%s\\n%s\\n%s\\n%s\\n%s' \\
  "$path" "$query" "$body" "$HUITONG_APP" "$now" "$nonce" "$HUITONG_MATTER")
signature=$(printf '%s' "$text" | openssl dgst -${hash} -hmac "$HUITONG_SECRET" -r | cut -d' ' -f1)
curl -sS "$HUITONG_URL$path?$query" -H "X-Huitong-App: $HUITONG_APP" -H "X-Huitong-Timestamp: $now" \\
  -H "X-Huitong-Nonce: $nonce" -H "X-Huitong-Matter: $HUITONG_MATTER" -H "X-Huitong-Signature: $signature"${
    isOther ? ` \\\n  -H "X-Huitong-Algorithm: ${algorithm}"` : ''
  }`

/** The query as an object of the language. */
const pairs = (query: string, open: string, between: string) =>
  [...new URLSearchParams(query)]
    .map(([name, value]) => `${open}${name}${open}${between}${open}${value}${open}`)
    .join(', ')

const js = ({
  path,
  query,
  algorithm,
  hash,
  isOther,
}: Given) => `import { createHash, createHmac, randomBytes } from 'node:crypto'

const { HUITONG_URL, HUITONG_APP: app, HUITONG_SECRET: secret, HUITONG_MATTER: matter } = process.env
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase())

async function call(method, path, query = {}, body = '') {
  const joined = Object.entries(query).map(([name, value]) => \`\${encode(name)}=\${encode(value)}\`).sort().join('&')
  const digest = createHash('${hash}').update(body).digest('hex')
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = randomBytes(16).toString('hex')
  const text = ['${algorithm}', method, path, joined, digest, app, timestamp, nonce, matter].join('\\n')
  const reply = await fetch(\`\${HUITONG_URL}\${path}\${joined && \`?\${joined}\`}\`, {
    method,
    headers: {
      'X-Huitong-App': app,
      'X-Huitong-Timestamp': timestamp,
      'X-Huitong-Nonce': nonce,
      'X-Huitong-Matter': matter,
      'X-Huitong-Signature': createHmac('${hash}', secret).update(text).digest('hex'),${
        isOther ? `\n      'X-Huitong-Algorithm': '${algorithm}',` : ''
      }
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body }),
  })
  return reply.json()
}

console.log(JSON.stringify(await call('GET', '${path}', { ${pairs(query, "'", ': ')} })))`

const python = ({ path, query, algorithm, hash, isOther }: Given) => `import hashlib, hmac, os, secrets, time
from urllib.parse import quote
from urllib.request import Request, urlopen

APP, SECRET, MATTER = (os.environ[name] for name in ("HUITONG_APP", "HUITONG_SECRET", "HUITONG_MATTER"))

def call(method, path, query={}, body=b""):
    joined = "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query.items()))
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    lines = ["${algorithm}", method, path, joined, hashlib.new("${hash}", body).hexdigest(), APP, timestamp, nonce, MATTER]
    signature = hmac.new(SECRET.encode(), "\\n".join(lines).encode(), "${hash}").hexdigest()
    headers = {
        "X-Huitong-App": APP, "X-Huitong-Timestamp": timestamp, "X-Huitong-Nonce": nonce,
        "X-Huitong-Matter": MATTER, "X-Huitong-Signature": signature, "Content-Type": "application/json",${
          isOther ? `\n        "X-Huitong-Algorithm": "${algorithm}",` : ''
        }
    }
    url = os.environ["HUITONG_URL"] + path + ("?" + joined if joined else "")
    with urlopen(Request(url, data=body or None, headers=headers, method=method)) as reply:
        return reply.read().decode()

print(call("GET", "${path}", {${pairs(query, '"', ': ')}}))`

/** SM3 by GB/T 32905-2016 and its HMAC, for a JDK that brings neither. */
const JAVA_SM3 = `
  static byte[] digest(byte[] message) {
    var padded = Arrays.copyOf(message, (message.length + 72) / 64 * 64);
    padded[message.length] = (byte) 0x80;
    ByteBuffer.wrap(padded).putLong(padded.length - 8, message.length * 8L);
    int[] v = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
    for (int block = 0; block < padded.length; block += 64) {
      var w = new int[68];
      for (int j = 0; j < 16; j++) w[j] = ByteBuffer.wrap(padded).getInt(block + 4 * j);
      for (int j = 16; j < 68; j++) {
        int x = w[j - 16] ^ w[j - 9] ^ Integer.rotateLeft(w[j - 3], 15);
        w[j] = x ^ Integer.rotateLeft(x, 15) ^ Integer.rotateLeft(x, 23) ^ Integer.rotateLeft(w[j - 13], 7) ^ w[j - 6];
      }
      int a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
      for (int j = 0; j < 64; j++) {
        int ss1 = Integer.rotateLeft(
            Integer.rotateLeft(a, 12) + e + Integer.rotateLeft(j < 16 ? 0x79cc4519 : 0x7a879d8a, j), 7);
        int ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
        int gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
        int tt1 = ff + d + (ss1 ^ Integer.rotateLeft(a, 12)) + (w[j] ^ w[j + 4]);
        int tt2 = gg + h + ss1 + w[j];
        d = c; c = Integer.rotateLeft(b, 9); b = a; a = tt1;
        h = g; g = Integer.rotateLeft(f, 19); f = e; e = tt2 ^ Integer.rotateLeft(tt2, 9) ^ Integer.rotateLeft(tt2, 17);
      }
      v[0] ^= a; v[1] ^= b; v[2] ^= c; v[3] ^= d; v[4] ^= e; v[5] ^= f; v[6] ^= g; v[7] ^= h;
    }
    var result = ByteBuffer.allocate(32);
    for (int word : v) result.putInt(word);
    return result.array();
  }

  static byte[] hmac(byte[] key, byte[] message) {
    var block = Arrays.copyOf(key.length > 64 ? digest(key) : key, 64);
    var inner = new byte[64 + message.length];
    var outer = new byte[96];
    for (int at = 0; at < 64; at++) {
      inner[at] = (byte) (block[at] ^ 0x36);
      outer[at] = (byte) (block[at] ^ 0x5c);
    }
    System.arraycopy(message, 0, inner, 64, message.length);
    System.arraycopy(digest(inner), 0, outer, 64, 32);
    return digest(outer);
  }
`

const JAVA_SHA256 = `
  static byte[] digest(byte[] message) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(message);
  }

  static byte[] hmac(byte[] key, byte[] message) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(message);
  }
`

const java = ({ path, query, algorithm, isOther }: Given) => `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
${isOther ? 'import java.nio.ByteBuffer;\n' : ''}import java.nio.charset.StandardCharsets;
${isOther ? 'import java.util.Arrays;\n' : 'import java.security.MessageDigest;\n'}import java.util.HexFormat;
import java.util.UUID;
${isOther ? '' : 'import javax.crypto.Mac;\nimport javax.crypto.spec.SecretKeySpec;\n'}
public class Call {
  public static void main(String[] arguments) throws Exception {
    var app = System.getenv("HUITONG_APP");
    var matter = System.getenv("HUITONG_MATTER");
    var path = "${path}";
    var query = "${query}";
    var timestamp = Long.toString(System.currentTimeMillis() / 1000);
    var nonce = UUID.randomUUID().toString();
    var body = HexFormat.of().formatHex(digest(new byte[0]));
    var text = String.join("\\n", "${algorithm}", "GET", path, query, body, app, timestamp, nonce, matter);
    var secret = System.getenv("HUITONG_SECRET").getBytes(StandardCharsets.UTF_8);
    var signature = HexFormat.of().formatHex(hmac(secret, text.getBytes(StandardCharsets.UTF_8)));
    var request = HttpRequest.newBuilder(URI.create(System.getenv("HUITONG_URL") + path + "?" + query))
        .header("X-Huitong-App", app)
        .header("X-Huitong-Timestamp", timestamp)
        .header("X-Huitong-Nonce", nonce)
        .header("X-Huitong-Matter", matter)
        .header("X-Huitong-Signature", signature)${
          isOther ? `\n        .header("X-Huitong-Algorithm", "${algorithm}")` : ''
        }
        .build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
${isOther ? JAVA_SM3 : JAVA_SHA256}}`

const WRITERS: Readonly<Record<SampleLanguage, (given: Given) => string>> = { sh, js, python, java }

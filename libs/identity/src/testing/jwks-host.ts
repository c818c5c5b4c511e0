import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';

/** A sign-in service: keys of its own, of which it publishes those that `published` names. */
export interface JwksHost {
  url: string;
  /** How often the keys were fetched. */
  fetches(): number;
  /** From now on answers with the public keys of these key ids. */
  publish(...kids: string[]): void;
  /** From now on answers with this. */
  answer(status: number, body: string): void;
  sign(kid: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

/** On a free port of loopback. `algorithms` are by key id. */
export async function startJwksHost(algorithms: Readonly<Record<string, string>>): Promise<JwksHost> {
  const pairs = new Map<string, { alg: string; pair: GenerateKeyPairResult; jwk: object }>();
  for (const [kid, alg] of Object.entries(algorithms)) {
    const pair = await generateKeyPair(alg, { extractable: true });
    pairs.set(kid, { alg, pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, use: 'sig' } });
  }
  const pairOf = (kid: string) => {
    const found = pairs.get(kid);
    if (!found) throw new Error(`no key ${kid}`);
    return found;
  };
  let reply = { status: 200, body: '{"keys":[]}' };
  let fetches = 0;
  const server = createServer((_, response) => {
    fetches += 1;
    response.writeHead(reply.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(reply.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    fetches: () => fetches,
    publish: (...kids) => {
      reply = { status: 200, body: JSON.stringify({ keys: kids.map((kid) => pairOf(kid).jwk) }) };
    },
    answer: (status, body) => {
      reply = { status, body };
    },
    sign: (kid, claims) => {
      const { alg, pair } = pairOf(kid);
      return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(pair.privateKey);
    },
    async close() {
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

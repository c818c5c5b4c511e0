// node watch-job.mjs <job id> [ws://127.0.0.1:4001/ws] [http://127.0.0.1:4000]
// Needs: npm install @progeny/client ws
import { connect } from '@progeny/client';
import { WebSocket } from 'ws';

const [jobId, url = 'ws://127.0.0.1:4001/ws', apiUrl] = process.argv.slice(2);
if (!jobId) throw new Error('which job?');

const client = connect({ url, apiUrl, WebSocket, token: process.env.PROGENY_TOKEN });
client.onState(({ status }) => console.error(`connection: ${status}`));

for await (const { type, payload } of client.watch(jobId)) {
  console.log(type === 'parent_job_progress' ? payload.progress_text : type);
}
client.close();

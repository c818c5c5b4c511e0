// node command.mjs <job id> <cancel|pause|resume|retry_failed|retry|delete> [http://127.0.0.1:4000]
// Needs: npm install @progeny/client ws
import { connect, ProblemError } from '@progeny/client';
import { WebSocket } from 'ws';

const [jobId, command, apiUrl = 'http://127.0.0.1:4000'] = process.argv.slice(2);
if (!jobId || !command) throw new Error('which job, and what?');

// Nothing is watched, so nothing is connected.
const client = connect({
  url: 'ws://127.0.0.1:4001/ws',
  apiUrl,
  WebSocket,
  token: process.env.PROGENY_TOKEN,
});
try {
  const view = await client.command(jobId, command);
  console.log(view ? view.status : 'deleted');
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.log(`refused: ${error.code}, ${error.message}`);
}
client.close();

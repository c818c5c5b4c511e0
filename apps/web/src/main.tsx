import { createProgressClient } from '@progeny/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createProgenyApi } from './api/progeny-api.ts';
import { createReachability } from './api/reachability.ts';
import { App } from './app.tsx';
import { AppContext } from './app-context.ts';
import './styles/index.css';

const reachability = createReachability();
const api = createProgenyApi({
  baseUrl: '',
  fetch: (input, init) => fetch(input, init),
  onReachable: reachability.set,
});
const client = createProgressClient({
  gatewayUrl: async () => (await api.pageConfig()).gateway_url,
  apiUrl: '',
});

const root = document.getElementById('root');
if (!root) throw new Error('#root is missing');
createRoot(root).render(
  <StrictMode>
    <AppContext value={{ api, client, reachability }}>
      <App />
    </AppContext>
  </StrictMode>,
);

import { connect } from '@progeny/client';
import { ProgenyProvider } from '@progeny/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAccess } from './api/access.ts';
import { createProgenyApi } from './api/progeny-api.ts';
import { App } from './app.tsx';
import { AppContext } from './app-context.ts';
import './styles/index.css';

const access = createAccess();
const api = createProgenyApi({
  baseUrl: '',
  fetch: (input, init) => fetch(input, init),
  onAccess: access.set,
});
const client = connect({
  url: async () => (await api.pageConfig()).gateway_url,
  apiUrl: '',
  fetch: async (input, init) => {
    const response = await fetch(input, init);
    if (response.status === 401) access.set('signed_out');
    return response;
  },
});

const root = document.getElementById('root');
if (!root) throw new Error('#root is missing');
createRoot(root).render(
  <StrictMode>
    <ProgenyProvider client={client}>
      <AppContext value={{ api, access }}>
        <App />
      </AppContext>
    </ProgenyProvider>
  </StrictMode>,
);

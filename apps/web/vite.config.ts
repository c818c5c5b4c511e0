import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `nx run web:serve` finds the API; the built page is served by the manager itself. */
const managerUrl = process.env.MANAGER_URL ?? 'http://127.0.0.1:4000';
const PROXIED = ['/v1', '/page-config.json', '/docs', '/openapi.json', '/health'];

export default defineConfig(({ command }) => {
  // Whoever builds, a test run included, gets what is delivered; React's development build is twice the size.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    plugins: [react()],
    base: '/',
    build: {
      // Every asset is a file of its own: the policy of the page allows no data: scripts or styles.
      assetsInlineLimit: 0,
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    },
    server: {
      host: '127.0.0.1',
      proxy: Object.fromEntries(PROXIED.map((path) => [path, { target: managerUrl, changeOrigin: true }])),
    },
  };
});

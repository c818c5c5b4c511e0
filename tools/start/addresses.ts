import { colors } from '../colors.ts';
import type { Ports } from './ports.ts';

export const HOST = '127.0.0.1';

export const httpUrl = (port: number): string => `http://${HOST}:${port}`;
export const gatewayUrl = (port: number): string => `ws://${HOST}:${port}/ws`;

/** Where to look: a line for each manager, and the gateways when there are several to choose from. */
export function addressLines(ports: Ports): string[] {
  const pages = ports.manager.map(httpUrl);
  const width = Math.max(...pages.map((page) => page.length));
  const gateways = ports['ws-gateway'].map(gatewayUrl);
  return [
    ...pages.map((page, index) => {
      const [pageLabel, apiLabel] = index === 0 ? ['Page', 'API'] : ['    ', '   '];
      const gap = ' '.repeat(width - page.length);
      return `  ${pageLabel}  ${colors.cyan(page)}${gap}     ${apiLabel}  ${colors.cyan(`${page}/docs`)}`;
    }),
    ...(gateways.length > 1 ? [`  Live  ${gateways.map(colors.cyan).join('  ')}`] : []),
  ];
}

import type { ReactElement } from 'react';
import { type RatePoint, sparklinePath } from '../live/rate-history.ts';

const WIDTH = 168;
const HEIGHT = 36;

/** The rate over the last two minutes. A picture of numbers that stand beside it, so silent for screen readers. */
export function Sparkline({ history }: { history: readonly RatePoint[] }): ReactElement {
  const line = sparklinePath(history, WIDTH, HEIGHT);
  return (
    <svg
      className="sparkline"
      viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {line === '' ? (
        <path className="sparkline-rest" d={`M0 ${HEIGHT}H${WIDTH}`} />
      ) : (
        <>
          <defs>
            <linearGradient id="sparkline-fade" x1="0" y1="0" x2="0" y2="1">
              <stop offset="0" className="sparkline-top" />
              <stop offset="1" className="sparkline-bottom" />
            </linearGradient>
          </defs>
          <path
            className="sparkline-area"
            fill="url(#sparkline-fade)"
            d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`}
          />
          <path className="sparkline-line" d={line} />
        </>
      )}
    </svg>
  );
}

/** Moments as the server sees them, since the clock of somebody's device may be wrong. */

/** Timers hold at most 2^31 - 1 ms, and a sleeping phone stops them: look again at least this often. */
const LONGEST_WAIT_MS = 60_000;

/**
 * How far the server's clock is ahead of this device's.
 * @param {string | null} serverNow ISO 8601, the moment at which the page was made
 * @returns {number} milliseconds; 0 when it is not known
 */
export function aheadBy(serverNow) {
  const made = Date.parse(serverNow ?? '');
  return Number.isNaN(made) ? 0 : made - Date.now();
}

/**
 * Call `tick` with the milliseconds left now, whenever `next` of them says so, and when the page is seen again.
 * @param {number} until milliseconds since the epoch, by the server's clock
 * @param {number} ahead what `aheadBy` found
 * @param {(left: number) => number} tick returns in how many milliseconds it wants to be called again; 0 ends it
 * @returns {() => void} stops it
 */
export function countDown(until, ahead, tick) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const look = () => {
    clearTimeout(timer);
    const again = tick(Math.max(0, until - (Date.now() + ahead)));
    if (again <= 0) stop();
    else timer = setTimeout(look, Math.min(again, LONGEST_WAIT_MS));
  };
  const stop = () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return stop;
}

/** What the figures of a check mean for a session, in words a person understands. Pure. */

/** By which way a call was tried. @typedef {'any' | 'udp' | 'tcp' | 'tls'} Way */
/** Round trip and jitter in milliseconds; loss from 0 to 1; null where nothing came back. @typedef {{roundTrip: number | null, jitter: number, loss: number}} Figures */
/** `figures` is null where no call came about. @typedef {{way: Way, figures: Figures | null}} Run */
/** @typedef {'good' | 'fair' | 'poor' | 'none'} Level */
/** Whether the participants' devices will probably reach each other without a relay; unknown without a STUN server. @typedef {'likely' | 'unlikely' | 'unknown'} Direct */

/** Up to here nobody notices the way; milliseconds (ITU-T G.114 asks for 150 in one direction). */
const GOOD = { roundTrip: 200, jitter: 30, loss: 0.01 };
/** Up to here one gets used to it. */
const FAIR = { roundTrip: 450, jitter: 80, loss: 0.05 };

/** @param {Figures | null} figures @returns {Level} */
export function levelOf(figures) {
  if (figures === null || figures.roundTrip === null) return 'none';
  if (within(figures, GOOD)) return 'good';
  return within(figures, FAIR) ? 'fair' : 'poor';
}

/** A browser takes the best way that leads somewhere. @param {Run[]} runs @returns {Level} */
export function verdict(runs) {
  /** @type {Level[]} */
  const order = ['good', 'fair', 'poor', 'none'];
  const levels = runs.map(({ figures }) => levelOf(figures));
  return order.find((level) => levels.includes(level)) ?? 'none';
}

/**
 * A server-reflexive candidate says that answers from outside find this device.
 * @param {Iterable<string>} types of the candidates that were gathered @param {boolean} asked whether there was a STUN server
 * @returns {Direct}
 */
export function direct(types, asked) {
  if (!asked) return 'unknown';
  return [...types].includes('srflx') ? 'likely' : 'unlikely';
}

/** @param {string} url of a STUN or TURN server (RFC 7064, RFC 7065) @returns {Way | null} null where it is no relay */
export function wayOf(url) {
  if (url.startsWith('turns:')) return 'tls';
  if (!url.startsWith('turn:')) return null;
  return /[?&]transport=tcp\b/.test(url) ? 'tcp' : 'udp';
}

/**
 * The calls to make: one for each address of a relay, since a browser shows only the way that it took; without a
 * relay one by whatever way there is.
 * @param {RTCIceServer[]} servers @returns {{way: Way, servers: RTCIceServer[], policy: RTCIceTransportPolicy}[]}
 */
export function runsFor(servers) {
  const relayed = servers.flatMap((server) =>
    [server.urls].flat().flatMap((url) => {
      const way = wayOf(url);
      return way === null ? [] : [{ way, servers: [{ ...server, urls: url }], policy: /** @type {const} */ ('relay') }];
    }),
  );
  return relayed.length > 0 ? relayed : [{ way: 'any', servers, policy: 'all' }];
}

/** @param {Figures} figures @param {{roundTrip: number, jitter: number, loss: number}} bounds */
function within(figures, bounds) {
  const { roundTrip, jitter, loss } = figures;
  return roundTrip !== null && roundTrip <= bounds.roundTrip && jitter <= bounds.jitter && loss <= bounds.loss;
}

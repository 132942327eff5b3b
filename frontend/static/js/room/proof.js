/** What must be so before words are made of a connection: all of it, or there are none. docs/safety-words.md */
import { fingerprintOf } from './link.js';
import { bytesOf, contextOf, hexOf, sha256 } from './sas.js';

/** @typedef {import('./sas.js').Bytes} Bytes */
/** Ids of 32 hex digits. @typedef {{appointment: string, call: string, own: string, other: string}} Ids */

/** id-prime256v1 (RFC 5480, section 2.1.1.1) as it stands in a certificate. */
const P256 = '06082a8648ce3d030107';

/** The connection cannot be shown to be one connection with one end. */
export class Unfit extends Error {}

/** ctx of a connection as it is now. @param {RTCPeerConnection} connection @param {Ids} ids @returns {Promise<Bytes>} @throws {Unfit} */
export async function provenContext(connection, { appointment, call, own, other }) {
  const { bundlePolicy, rtcpMuxPolicy, certificates } = connection.getConfiguration();
  demand(bundlePolicy === 'max-bundle' && rtcpMuxPolicy === 'require', 'it is not bundled');
  demand(connection.signalingState === 'stable', 'it is being negotiated');
  const mine = fingerprintOf(connection.currentLocalDescription?.sdp ?? '');
  const theirs = fingerprintOf(connection.currentRemoteDescription?.sdp ?? '');
  demand(mine !== '' && theirs !== '' && mine !== theirs, 'it has not exactly one fingerprint at each end');
  await demandRemote(onlyTransport(connection), theirs);
  await demandOwn(connection, certificates?.[0], mine);

  const first = own < other;
  const [idI, idR, fpI, fpR] = (first ? [own, other, mine, theirs] : [other, own, theirs, mine]).map(bytesOf);
  return contextOf(/** @type {import('./sas.js').Facts} */ ({ appointment: bytesOf(appointment), call: bytesOf(call), idI, idR, fpI, fpR }));
}

/** @param {RTCPeerConnection} connection @returns {RTCDtlsTransport} */
function onlyTransport(connection) {
  const carriers = [...connection.getSenders(), ...connection.getReceivers(), connection.sctp];
  const transports = new Set(carriers.map((carrier) => carrier?.transport).filter((transport) => transport != null));
  const [only] = transports;
  if (transports.size !== 1 || only?.state !== 'connected') throw new Unfit('it has not exactly one transport');
  return only;
}

/** The certificate that was really shown; a browser that cannot tell enforces the fingerprint itself. @param {RTCDtlsTransport} transport @param {string} theirs */
async function demandRemote(transport, theirs) {
  const shown = transport.getRemoteCertificates?.();
  if (shown === undefined) return;
  const [certificate] = shown;
  demand(certificate !== undefined && shown.length === 1, 'its other end shows a chain');
  demand(hexOf(await sha256(/** @type {ArrayBuffer} */ (certificate))) === theirs, 'its other end shows another certificate');
}

/** Made for this call, on the curve P-256: as far as the browser tells. @param {RTCPeerConnection} connection @param {RTCCertificate | undefined} certificate @param {string} mine */
async function demandOwn(connection, certificate, mine) {
  demand(certificate !== undefined, 'its own certificate is not of this call');
  const known = certificate?.getFingerprints?.().find(({ algorithm }) => algorithm === 'sha-256')?.value;
  demand(known === undefined || known.toLowerCase().replaceAll(':', '') === mine, 'its own certificate is another one');
  for (const report of (await connection.getStats()).values()) {
    if (report.type !== 'certificate' || report.fingerprint.toLowerCase().replaceAll(':', '') !== mine) continue;
    const der = Uint8Array.from(atob(report.base64Certificate), (letter) => letter.charCodeAt(0));
    demand(hexOf(der).includes(P256), 'its own certificate is on another curve');
  }
}

/** @param {boolean} so @param {string} otherwise */
function demand(so, otherwise) {
  if (!so) throw new Unfit(`no words of this connection: ${otherwise}`);
}

import assert from 'node:assert/strict';
import test from 'node:test';
import { fingerprintOf } from '../../frontend/static/js/room/link.js';
import { Unfit, provenContext } from '../../frontend/static/js/room/proof.js';
import { bytesOf, contextOf, hexOf, sha256 } from '../../frontend/static/js/room/sas.js';

const [MINE, THEIRS] = [new Uint8Array([1, 2, 3]), new Uint8Array([4, 5, 6])];
const [FP_MINE, FP_THEIRS] = [hexOf(await sha256(MINE)), hexOf(await sha256(THEIRS))];
const IDS = { appointment: '01'.repeat(16), call: '02'.repeat(16), own: '04'.repeat(16), other: '03'.repeat(16) };
const P256 = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

const colons = (hex) => hex.toUpperCase().match(/../g).join(':');
const line = (hex, hash = 'sha-256') => `a=fingerprint:${hash} ${colons(hex)}\r\n`;

/** A connection of which everything is as it must be, but for the changes. */
function connected(changes = {}) {
  const transport = { state: 'connected', getRemoteCertificates: () => [THEIRS.buffer] };
  const der = btoa(String.fromCharCode(0x30, ...P256, 1));
  return {
    transport,
    signalingState: 'stable',
    currentLocalDescription: { sdp: `v=0\r\n${line(FP_MINE)}` },
    currentRemoteDescription: { sdp: `v=0\r\n${line(FP_THEIRS)}m=audio\r\n${line(FP_THEIRS)}${line('ab'.repeat(20), 'sha-1')}` },
    getConfiguration: () => ({
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      certificates: [{ getFingerprints: () => [{ algorithm: 'sha-256', value: colons(FP_MINE) }] }],
    }),
    getSenders: () => [{ transport }, { transport: null }],
    getReceivers: () => [{ transport }],
    sctp: { transport },
    getStats: async () => new Map([[1, { type: 'certificate', fingerprint: colons(FP_MINE), base64Certificate: der }]]),
    ...changes,
  };
}

test('the context has both ends, the smaller id first', async () => {
  const facts = { appointment: IDS.appointment, call: IDS.call, idI: IDS.other, idR: IDS.own, fpI: FP_THEIRS, fpR: FP_MINE };
  const expected = contextOf(Object.fromEntries(Object.entries(facts).map(([name, hex]) => [name, bytesOf(hex)])));
  assert.deepEqual(await provenContext(connected(), IDS), expected);
  const mirrored = { ...IDS, own: IDS.other, other: IDS.own };
  const swapped = connected({
    currentLocalDescription: { sdp: line(FP_THEIRS) },
    currentRemoteDescription: { sdp: line(FP_MINE) },
    getConfiguration: () => ({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', certificates: [{}] }),
    getSenders: () => [{ transport: { state: 'connected' } }], // a browser without getRemoteCertificates
    getReceivers: () => [],
    sctp: null,
  });
  assert.deepEqual(await provenContext(swapped, mirrored), expected, 'as the other end sees it');
});

const other = { state: 'connected', getRemoteCertificates: () => [THEIRS.buffer] };
const UNFIT = {
  'bundles less': { getConfiguration: () => ({ bundlePolicy: 'balanced', rtcpMuxPolicy: 'require', certificates: [{}] }) },
  'may split RTCP': { getConfiguration: () => ({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'negotiate', certificates: [{}] }) },
  'is being negotiated': { signalingState: 'have-local-offer' },
  'has no description': { currentRemoteDescription: null },
  'has no fingerprint': { currentRemoteDescription: { sdp: 'v=0\r\n' } },
  'has two fingerprints': { currentRemoteDescription: { sdp: line(FP_THEIRS) + line(FP_MINE) } },
  'has a fingerprint of another hash only': { currentRemoteDescription: { sdp: line('ab'.repeat(20), 'sha-1') } },
  'shows itself': { currentRemoteDescription: { sdp: line(FP_MINE) } },
  'has two transports': { getReceivers: () => [{ transport: other }] },
  'has no transport': { getSenders: () => [], getReceivers: () => [], sctp: null },
  'is not connected': { getSenders: () => [{ transport: { ...other, state: 'connecting' } }], getReceivers: () => [], sctp: null },
  'shows a chain': { getSenders: () => [{ transport: { state: 'connected', getRemoteCertificates: () => [THEIRS.buffer, MINE.buffer] } }], getReceivers: () => [], sctp: null },
  'shows nothing': { getSenders: () => [{ transport: { state: 'connected', getRemoteCertificates: () => [] } }], getReceivers: () => [], sctp: null },
  'shows another certificate': { getSenders: () => [{ transport: { state: 'connected', getRemoteCertificates: () => [MINE.buffer] } }], getReceivers: () => [], sctp: null },
  'has another certificate of its own': { currentLocalDescription: { sdp: line('cd'.repeat(32)) } },
  'has no certificate of this call': { getConfiguration: () => ({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', certificates: [] }) },
  'is on another curve': { getStats: async () => new Map([[1, { type: 'certificate', fingerprint: colons(FP_MINE), base64Certificate: btoa('0RSA') }]]) },
}; // prettier-ignore
for (const [name, changes] of Object.entries(UNFIT)) {
  test(`no words of a connection that ${name}`, async () => {
    await assert.rejects(provenContext(connected(changes), IDS), Unfit);
  });
}

test('the fingerprint of a description is the one that it has', () => {
  assert.equal(fingerprintOf(line(FP_THEIRS).replace('sha-256', 'SHA-256') + line(FP_THEIRS)), FP_THEIRS);
  assert.equal(fingerprintOf(`a=fingerprint:sha-256 ${colons(FP_THEIRS.slice(2))}\r\n`), '', 'of 31 bytes');
  assert.equal(fingerprintOf(line(FP_THEIRS) + line(FP_MINE)), '');
});

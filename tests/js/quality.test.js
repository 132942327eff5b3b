import assert from 'node:assert/strict';
import test from 'node:test';
import { countsOf, fit } from '../../frontend/static/js/room/line.js';
import { BEGINNING, Quality, STEPS, VOICE_ONLY, figuresBetween } from '../../frontend/static/js/room/quality.js';

const GOOD = { roundTrip: 40, jitter: 3, loss: 0, lostThere: 0, available: 2_000_000, still: false };
const LOSSY = { ...GOOD, loss: 0.15, lostThere: 0.15 };
const NARROW = { ...GOOD, available: 20_000 };

/** One that has been at its best for long. */
function begun() {
  const quality = new Quality();
  seen(quality, GOOD, 50);
  return quality;
}

/** The steps after each of these figures. @param {Quality} quality */
const seen = (quality, figures, times) => Array.from({ length: times }, () => (quality.see(figures), quality.step));

test('a small picture is there at once, and a larger one as soon as the line is known to be good', () => {
  assert.equal(new Quality().step, BEGINNING);
  assert.deepEqual(seen(new Quality(), GOOD, 5), [1, 1, 1, 1, 0]);
  assert.deepEqual(seen(new Quality(), NARROW, 7), [1, 1, 1, 1, 1, 1, 2]);
  assert.deepEqual(seen(new Quality(), LOSSY, 4), [1, 2, 2, 3]);
});

test('a good line is left alone', () => {
  const quality = begun();
  assert.deepEqual(new Set(seen(quality, GOOD, 100)), new Set([0]));
  assert.equal(quality.level, 'good');
});

test('a bad line gives up detail, then frames, then the picture, a step at a time', () => {
  const quality = begun();
  assert.deepEqual(seen(quality, LOSSY, 9), [0, 1, 1, 2, 2, 3, 3, 4, 4]);
  assert.equal(quality.isVoiceOnly, true);
  assert.equal(quality.level, 'poor');
  const [full, half, quarter, slow, voice] = STEPS;
  assert.ok(full.scale < half.scale && half.scale < quarter.scale && quarter.frames === full.frames);
  assert.ok(slow.frames < quarter.frames && slow.scale === quarter.scale && voice.frames === 0);
});

test('one bad moment changes nothing, nor do good and bad moments in turn', () => {
  const quality = begun();
  for (let round = 0; round < 50; round += 1) {
    quality.see(round % 2 ? GOOD : LOSSY);
    assert.equal(quality.step, 0);
  }
});

test('it comes back step by step, more slowly than it went', () => {
  const quality = begun();
  seen(quality, LOSSY, 8);
  const steps = seen(quality, GOOD, 20);
  assert.deepEqual(steps.slice(0, 5), [4, 4, 4, 4, 3]);
  assert.equal(steps.at(-1), 0);
});

test('what does not hold is tried again later each time', () => {
  const quality = begun();
  seen(quality, LOSSY, 8);
  const waits = [];
  for (let round = 0; round < 5; round += 1) {
    let wait = 0;
    while (quality.step === VOICE_ONLY) {
      quality.see(GOOD);
      wait += 1;
    }
    waits.push(wait);
    seen(quality, LOSSY, 2);
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 40]);
});

test('the first guess of a browser is not believed, a narrow line later is', () => {
  const quality = new Quality();
  assert.deepEqual(seen(quality, NARROW, 5), [1, 1, 1, 1, 1]);
  assert.deepEqual(seen(quality, NARROW, 6), [1, 2, 2, 3, 3, 4]);
  assert.equal(quality.isVoiceOnly, true);
});

test('a better step is not tried where there is no room for it; the voice alone says nothing of room', () => {
  const quality = begun();
  seen(quality, LOSSY, 2);
  assert.deepEqual(new Set(seen(quality, { ...GOOD, available: 250_000 }, 30)), new Set([1]));
  assert.equal(seen(quality, { ...GOOD, available: null }, 5).at(-1), 0);
  seen(quality, LOSSY, 8);
  assert.equal(seen(quality, { ...GOOD, available: 50_000 }, 10).at(-1), VOICE_ONLY - 1);
});

test('a round trip that nobody can talk over is bad, one that is only slow is not calm', () => {
  const quality = begun();
  assert.deepEqual(seen(quality, { ...GOOD, roundTrip: 900 }, 2), [0, 1]);
  assert.deepEqual(new Set(seen(quality, { ...GOOD, roundTrip: 500 }, 30)), new Set([1]));
  assert.equal(quality.level, 'poor');
});

test('a picture that stands is seen after a while', () => {
  const quality = begun();
  quality.see({ ...GOOD, still: true });
  assert.equal(quality.isStill, false);
  quality.see({ ...GOOD, still: true });
  assert.equal(quality.isStill, true);
  quality.see(GOOD);
  assert.equal(quality.isStill, false);
});

const REPORTS = [
  { type: 'candidate-pair', id: 'idle', currentRoundTripTime: 9 },
  { type: 'transport', id: 't', selectedCandidatePairId: 'p' },
  { type: 'candidate-pair', id: 'p', currentRoundTripTime: 0.08, availableOutgoingBitrate: 300_000 },
  { type: 'inbound-rtp', kind: 'audio', packetsReceived: 90, packetsLost: 10, jitter: 0.004 },
  { type: 'inbound-rtp', kind: 'video', packetsReceived: 100, packetsLost: 0, jitter: 0.02, framesDecoded: 50 },
  { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.01 },
  { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.05 },
];

test('counts come from the pair in use, both kinds, and what the other end reports', () => {
  const counts = countsOf(REPORTS);
  assert.deepEqual(counts, { roundTrip: 80, available: 300_000, lostThere: 0.05, received: 190, lost: 10, jitter: 20, frames: 50 });
  assert.deepEqual(countsOf([]), { roundTrip: null, available: null, lostThere: null, received: 0, lost: 0, jitter: 0, frames: 0 });
  const firefox = [{ type: 'candidate-pair', id: 'x' }, { type: 'candidate-pair', id: 'p', selected: true, currentRoundTripTime: 0.1 }];
  assert.equal(countsOf(firefox).roundTrip, 100);
});

test('figures are what happened between two counts, the worse of both directions', () => {
  const before = countsOf(REPORTS);
  const figures = figuresBetween(before, { ...before, received: 280, lost: 20, lostThere: null });
  assert.deepEqual(figures, { roundTrip: 80, jitter: 20, loss: 0.1, lostThere: 0, available: 300_000, still: true });
  assert.equal(figuresBetween(before, { ...before, frames: 51, lost: 0 }).loss, 0.05);
});

test('a sender is told what a step allows, and nothing is made narrower than a face can be seen on', async () => {
  const told = [];
  const sender = (width) => ({
    track: { getSettings: () => ({ width }) },
    getParameters: () => ({ encodings: [] }),
    setParameters: async ({ encodings }) => void told.push(encodings[0]),
  });
  for (const [width, step] of [[1280, 2], [320, 3], [1280, VOICE_ONLY], [1280, 0]]) {
    await fit({ getTransceivers: () => [{ receiver: { track: { kind: 'video' } }, sender: sender(width) }] }, step);
  }
  assert.deepEqual(told, [
    { active: true, scaleResolutionDownBy: 4, maxFramerate: 30, maxBitrate: 250_000 },
    { active: true, scaleResolutionDownBy: 2, maxFramerate: 8, maxBitrate: 100_000 },
    { active: false, scaleResolutionDownBy: 4 },
    { active: true, scaleResolutionDownBy: 1, maxFramerate: 30, maxBitrate: 1_700_000 },
  ]);
});

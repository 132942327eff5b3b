import assert from 'node:assert/strict';
import test from 'node:test';
import { causeOf } from '../../frontend/static/js/room/causes.js';
import { Media } from '../../frontend/static/js/room/media.js';

class FakeTrack {
  enabled = true;
  readyState = 'live';
  constructor(kind, id) {
    Object.assign(this, { kind, id });
  }
  stop() {
    this.readyState = 'ended';
  }
  getSettings() {
    return { deviceId: this.id };
  }
}

/** Devices that open, or fail with the named error. @param {{audio?: string, video?: string}} failing */
function devices(failing = {}, cameras = []) {
  const asked = [];
  const tracks = [];
  const source = {
    asked,
    tracks,
    async getUserMedia(constraints) {
      asked.push(constraints);
      await null;
      const kinds = ['audio', 'video'].filter((kind) => constraints[kind]);
      const failed = kinds.find((kind) => failing[kind]);
      if (failed) throw new DOMException('no', failing[failed]);
      const opened = kinds.map((kind) => new FakeTrack(kind, constraints[kind].deviceId?.exact));
      tracks.push(...opened);
      return { getTracks: () => opened };
    },
    async enumerateDevices() {
      return [
        { kind: 'audioinput', deviceId: 'm', label: 'Microphone' },
        { kind: 'videoinput', deviceId: 'c', label: '' },
        ...cameras.map((deviceId) => ({ kind: 'videoinput', deviceId, label: deviceId })),
      ];
    },
  };
  return source;
}

function mediaOf(source) {
  const lost = [];
  return { lost, media: new Media(source, { onLost: (device) => lost.push(device) }) };
}

test('both devices are asked for at once', async () => {
  const source = devices();
  const { media } = mediaOf(source);
  assert.deepEqual(await media.openBoth(), []);
  assert.equal(source.asked.length, 1);
  assert.deepEqual(media.state, { microphone: true, camera: true });
});

for (const [error, cause] of [
  ['NotReadableError', 'in_use'],
  ['AbortError', 'in_use'],
  ['NotFoundError', 'none'],
  ['OverconstrainedError', 'unfit'],
]) {
  test(`a camera that answers ${error} leaves the microphone: ${cause}`, async () => {
    const { media } = mediaOf(devices({ video: error }));
    assert.deepEqual(await media.openBoth(), [{ device: 'camera', cause }]);
    assert.deepEqual(media.state, { microphone: true, camera: false });
  });

  test(`both devices that answer ${error} are one trouble: ${cause}`, async () => {
    const { media } = mediaOf(devices({ audio: error, video: error }));
    assert.deepEqual(await media.openBoth(), [{ device: 'devices', cause }]);
    assert.deepEqual(media.state, { microphone: false, camera: false });
  });
}

test('who said no is not asked a second time', async () => {
  const source = devices({ audio: 'NotAllowedError', video: 'NotAllowedError' });
  const { media } = mediaOf(source);
  assert.deepEqual(await media.openBoth(), [{ device: 'devices', cause: 'refused' }]);
  assert.equal(source.asked.length, 1);
});

test('a page without devices says so', async () => {
  const { media } = mediaOf(undefined);
  assert.deepEqual(await media.openBoth(), [{ device: 'devices', cause: 'unsupported' }]);
});

test('an error nobody foresaw has a cause too', () => {
  assert.equal(causeOf(new Error('surprise')), 'failed');
  assert.equal(causeOf('surprise'), 'failed');
});

test('stop ends every track, and one that opens only afterwards', async () => {
  const source = devices();
  const { media } = mediaOf(source);
  await media.openBoth();
  const late = media.openCamera();
  media.stop();
  await late;
  assert.deepEqual(source.tracks.map(({ readyState }) => readyState), ['ended', 'ended', 'ended']);
  assert.deepEqual(media.tracks, { audio: null, video: null });
});

test('another microphone replaces the first and stays muted', async () => {
  const source = devices();
  const { media } = mediaOf(source);
  await media.openMicrophone();
  media.mute(true);
  await media.choose('microphone', 'other');
  assert.equal(media.microphone.id, 'other');
  assert.equal(media.microphone.enabled, false);
  assert.equal(source.tracks[0].readyState, 'ended');
});

test('a camera that is turned off goes dark', async () => {
  const source = devices();
  const { media } = mediaOf(source);
  await media.openCamera();
  media.closeCamera();
  assert.equal(source.tracks[0].readyState, 'ended');
  assert.equal(media.state.camera, false);
});

test('a device that is pulled out is told once; one that was given back is not', async () => {
  const { media, lost } = mediaOf(devices());
  await media.openBoth();
  const { camera } = media;
  camera.onended();
  assert.deepEqual([lost, media.camera], [['camera'], null]);
  camera.onended();
  assert.deepEqual(lost, ['camera']);
});

test('only devices with a name can be chosen', async () => {
  const { media } = mediaOf(devices());
  assert.deepEqual(await media.choices(), { microphone: [{ id: 'm', label: 'Microphone' }], camera: [], speaker: [] });
});

test('the other camera is taken, one after the other; the microphone goes on', async () => {
  const source = devices({}, ['front', 'back']);
  const { media } = mediaOf(source);
  assert.equal(await media.canFlip(), false);
  await media.openBoth();
  const { microphone } = media;
  assert.equal(await media.canFlip(), true);
  await media.flip();
  assert.equal(media.camera.id, 'front');
  await media.flip();
  assert.equal(media.camera.id, 'back');
  assert.equal(source.tracks[1].readyState, 'ended');
  assert.equal(media.microphone, microphone);
  assert.ok(source.asked.slice(1).every(({ audio }) => audio === false));
});

test('a phone is asked for its other side, not for its next lens; where that has no camera the next one is taken', async () => {
  const source = devices({}, ['front', 'wide', 'far']);
  const { media } = mediaOf(source);
  await media.openBoth();
  Object.assign(media.camera, { getSettings: () => ({ facingMode: 'user', deviceId: 'front' }) });
  await media.flip();
  assert.deepEqual(source.asked.at(-1).video.facingMode, { exact: 'environment' });
  Object.assign(media.camera, { getSettings: () => ({ facingMode: 'environment', deviceId: 'wide' }) });
  assert.equal(media.looksAway, true);
  const open = source.getUserMedia;
  source.getUserMedia = (wanted) => (wanted.video.facingMode ? Promise.reject(new DOMException('no', 'OverconstrainedError')) : open(wanted));
  assert.equal(await media.flip(), null);
  assert.equal(source.asked.at(-1).video.facingMode, undefined);
  assert.ok(source.asked.slice(1).every(({ audio }) => audio === false));
});

test('what a phone call took away is opened again, muted as it was', async () => {
  const source = devices();
  const { media } = mediaOf(source);
  await media.openBoth();
  media.mute(true);
  media.microphone.onended();
  media.camera.muted = true;
  assert.deepEqual(await media.takeBack(), []);
  assert.deepEqual([media.microphone.enabled, media.microphone.readyState, media.camera.muted], [false, 'live', undefined]);
  assert.equal(media.lost.size, 0);
  await media.takeBack();
  assert.equal(source.asked.length, 3, 'what is there is not asked for again');
});

test('a camera that the person turned off stays off', async () => {
  const source = devices();
  const { media } = mediaOf(source);
  await media.openBoth();
  media.camera.onended();
  media.closeCamera();
  await media.takeBack();
  assert.equal(media.camera, null);
});

test('that something else holds a device is told, and when it is over', async () => {
  const held = [];
  const media = new Media(devices(), { onLost: () => {}, onHeld: (...each) => held.push(each) });
  await media.openBoth();
  media.microphone.onmute();
  media.microphone.onunmute();
  assert.deepEqual(held, [['microphone', true], ['microphone', false]]);
});

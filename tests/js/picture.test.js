import assert from 'node:assert/strict';
import test from 'node:test';
import { Picture } from '../../frontend/static/js/room/picture.js';

/** A veil that is one in name alone, and what became of each. */
function veils() {
  const made = [];
  const make = (camera, onFault) => {
    const one = { track: { kind: 'video', of: camera }, stopped: false, stop: () => (one.stopped = true), onFault };
    made.push(one);
    return one;
  };
  return { made, make };
}

const camera = () => ({ kind: 'video', stop() {} });

test('the camera is sent as it is until somebody asks for the veil', () => {
  const { made, make } = veils();
  const picture = new Picture(() => {}, make);
  const opened = camera();
  assert.equal(picture.take(opened), true);
  assert.equal(picture.track, opened);
  assert.equal(picture.veil(true), true);
  assert.equal(picture.track, made[0].track);
  picture.veil(false);
  assert.equal(picture.track, opened);
  assert.equal(made[0].stopped, true);
});

test('a camera that opens under the veil is never sent plain, nor the one that comes after it', () => {
  const { made, make } = veils();
  const picture = new Picture(() => {}, make);
  const sent = new Set();
  picture.onChange = () => sent.add(picture.track);
  picture.veil(true);
  const cameras = [camera(), camera()];
  for (const each of cameras) picture.take(each);
  picture.take(null);
  assert.deepEqual([...sent], [null, made[0].track, made[1].track]);
  assert.deepEqual(made.map(({ stopped }) => stopped), [true, true]);
});

test('where the veil cannot run no picture is sent, and none after it tore', () => {
  const none = new Picture(() => {}, () => {
    throw new Error('no canvas');
  });
  none.take(camera());
  assert.equal(none.veil(true), false);
  assert.equal(none.track, null);

  const { made, make } = veils();
  let lost = 0;
  const torn = new Picture(() => (lost += 1), make);
  torn.veil(true);
  torn.take(camera());
  made[0].onFault();
  assert.equal(torn.track, null);
  assert.equal(lost, 1);
  torn.take(camera());
  made[0].onFault(); // an old one says it again
  assert.equal(torn.track, made[1].track);
  assert.equal(lost, 1);
});

test('the screen takes the place of the camera, and gives it back', () => {
  const picture = new Picture(() => {}, veils().make);
  const [opened, screen] = [camera(), { kind: 'video', stops: 0, stop: () => (screen.stops += 1) }];
  picture.take(opened);
  picture.show(screen);
  assert.equal(picture.track, screen);
  picture.show(null);
  assert.equal(screen.stops, 1);
  assert.equal(picture.track, opened);
});

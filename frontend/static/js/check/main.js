/** The page of the device check, wired. */
import { Media } from '../room/media.js';
import { Preparation } from '../room/preparation.js';
import { ticketFrom } from '../room/signaling.js';
import { Sound } from './sound.js';
import { Trial } from './trial.js';
import { direct, levelOf, verdict } from './verdict.js';
import { View } from './view.js';

const page = /** @type {HTMLElement} */ (document.getElementById('check'));
const { ticketsUrl = '', socketPath = '', csrf = '' } = page.dataset;

const view = new View(page);
const sound = new Sound();
const media = new Media(navigator.mediaDevices, { onLost: (device) => void lost(device) });
const preparation = new Preparation(media, view);
/** @type {Trial | null} */
let trial = null;
let isListening = false;

view.listen({
  openBoth: () => void preparation.openBoth().then(speakers),
  openVoice: () => void preparation.openVoice().then(speakers),
  choose: (device, id) => void preparation.choose(device, id),
  mute: () => void preparation.toggleMicrophone().then(() => preparation.shown()),
  camera: () => void preparation.toggleCamera().then(() => preparation.shown()),
  speaker: (id) => void sound.choose(id),
  tone: () => void sound.tone(),
  measure: () => void measure(),
  listen: () => void (isListening ? quiet() : hear()),
});

async function measure() {
  quiet();
  const { runs, candidates, ice } = await newTrial().measure();
  trial = null;
  const levels = runs.map((run) => ({ run, level: levelOf(run.figures) }));
  const asked = ice.servers.some(({ urls }) => [urls].flat().some((url) => url.startsWith('stun:')));
  view.result(verdict(runs), direct(candidates, asked), levels);
  view.say(`verdict-${verdict(runs)}`);
}

async function hear() {
  quiet();
  const stream = await newTrial().listen();
  if (stream === null) {
    stopTrial();
    view.result('none', 'unknown', []);
    return;
  }
  isListening = true;
  view.line('idle');
  view.hearing(true);
  await sound.play(stream);
}

function newTrial() {
  view.line('connecting');
  trial = new Trial({
    askTicket: () => ticketFrom(ticketsUrl, csrf),
    openSocket: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${socketPath}`),
    tracks: () => media.tracks,
    onWaiting: () => view.line('queue'),
    onBegun: () => view.line('measuring'),
    onClosed: () => {
      quiet();
      view.line('closed');
    },
  });
  return trial;
}

/** Nothing comes back any more. */
function quiet() {
  stopTrial();
  sound.stop();
  isListening = false;
  view.hearing(false);
}

function stopTrial() {
  trial?.close();
  trial = null;
}

async function speakers() {
  if (!Sound.canChoose) return;
  const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind, label }) => kind === 'audiooutput' && label);
  view.choices('speaker', all.map(({ deviceId, label }) => ({ id: deviceId, label })), undefined);
}

/** @param {import('../room/media.js').Device} device */
async function lost(device) {
  view.troubles([{ device, cause: 'lost' }]);
  await preparation.shown();
}

function stopAll() {
  quiet();
  preparation.reset();
  view.before('asking');
}

document.querySelector('[data-unloaded]')?.remove();
addEventListener('leave-quickly', stopAll);
addEventListener('pagehide', stopAll);
navigator.mediaDevices?.addEventListener('devicechange', () => void preparation.shown().then(speakers));

/**
 * A camera's picture softened beyond recognition: every frame is drawn onto 32x18 samples and spread out again before
 * any encoder sees it. The plain track never leaves this file. Where this cannot run, it throws or ends: then no
 * picture is sent.
 */

/** Samples of a veiled frame, along its longer and its shorter side. */
const SAMPLES = Object.freeze({ long: 32, short: 18 });
/** Spread over more pixels, by bilinear interpolation alone: encoders of some phones refuse frames as small as the samples. */
const SPREAD = 10;
const FRAMES_A_SECOND = 12;

/** @typedef {{track: MediaStreamTrack, stop(): void}} Veiled */
/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Brush */

/**
 * @param {MediaStreamTrack} camera stays with whoever opened it
 * @param {() => void} onFault the veil does not run any more, and its track has ended
 * @returns {Veiled} @throws {Error} where this browser has no way to do it
 */
export function veiled(camera, onFault) {
  return hasFrames() ? fromFrames(camera, onFault) : fromVideo(camera, onFault);
}

/** Whether frames can be taken one by one, which goes on in a page that nobody looks at (W3C mediacapture-transform). */
function hasFrames() {
  return 'MediaStreamTrackProcessor' in globalThis && 'MediaStreamTrackGenerator' in globalThis;
}

/** @param {MediaStreamTrack} camera @param {() => void} onFault @returns {Veiled} */
function fromFrames(camera, onFault) {
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = /** @type {any} */ (globalThis);
  const own = camera.clone(); // a processor holds its track: stopping ours must not stop theirs
  const generator = new MediaStreamTrackGenerator({ kind: 'video' });
  const paint = painter(() => new OffscreenCanvas(1, 1));
  let next = 0;
  const soften = new TransformStream({
    /** @param {VideoFrame} frame @param {TransformStreamDefaultController<VideoFrame>} controller */
    transform(frame, controller) {
      try {
        if (frame.timestamp < next) return;
        next = frame.timestamp + 1e6 / FRAMES_A_SECOND - 5000; // microseconds
        const canvas = /** @type {OffscreenCanvas} */ (paint(frame, frame.displayWidth, frame.displayHeight));
        controller.enqueue(new VideoFrame(canvas, { timestamp: frame.timestamp, alpha: 'discard' }));
      } finally {
        frame.close();
      }
    },
  });
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    own.stop();
    generator.stop();
  };
  const over = () => {
    if (stopped) return;
    stop();
    onFault();
  };
  new MediaStreamTrackProcessor({ track: own }).readable.pipeThrough(soften).pipeTo(generator.writable).then(over, over);
  return { track: generator, stop };
}

/**
 * Elsewhere a video that stands in no page is drawn from time to time: about once a second while the page is hidden,
 * for browsers slow down timers there.
 * @param {MediaStreamTrack} camera @param {() => void} onFault @returns {Veiled}
 */
function fromVideo(camera, onFault) {
  const paint = painter(() => document.createElement("canvas"));
  const canvas = /** @type {HTMLCanvasElement} */ (paint(null, SAMPLES.long, SAMPLES.short));
  const [track] = canvas.captureStream(FRAMES_A_SECOND).getVideoTracks();
  if (track === undefined) throw new Error('a canvas gives no track here');
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  video.srcObject = new MediaStream([camera]);
  const stop = () => {
    clearInterval(timer);
    video.srcObject = null;
    track.stop();
  };
  const draw = () => {
    try {
      if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) paint(video, video.videoWidth, video.videoHeight);
    } catch {
      stop();
      onFault();
    }
  };
  const timer = setInterval(draw, 1000 / FRAMES_A_SECOND);
  void video.play().catch(() => {}); // without it nothing is drawn: the picture stays dark
  return { track, stop };
}

/**
 * Draws a frame onto the samples, and those onto the canvas that is given back; nothing else ever stands on it.
 * @param {() => HTMLCanvasElement | OffscreenCanvas} make
 */
function painter(make) {
  const [samples, out] = [brushOf(make()), brushOf(make())];
  /** @param {CanvasImageSource | null} frame @param {number} width @param {number} height of the frame */
  return (frame, width, height) => {
    const [wide, high] = width >= height ? [SAMPLES.long, SAMPLES.short] : [SAMPLES.short, SAMPLES.long];
    size(samples.canvas, wide, high);
    const scale = (SPREAD * SAMPLES.long) / Math.max(width, height);
    size(out.canvas, even(width * scale), even(height * scale));
    samples.imageSmoothingQuality = 'high'; // an average of what lies under each sample
    out.imageSmoothingQuality = 'low'; // bilinear
    if (frame !== null) samples.drawImage(frame, 0, 0, wide, high);
    out.drawImage(samples.canvas, 0, 0, out.canvas.width, out.canvas.height);
    return out.canvas;
  };
}

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {number} width @param {number} height */
function size(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

/** @param {number} pixels @returns {number} */
function even(pixels) {
  return Math.max(2, 2 * Math.round(pixels / 2));
}

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas @returns {Brush} */
function brushOf(canvas) {
  const brush = /** @type {Brush | null} */ (canvas.getContext('2d', { alpha: false }));
  if (brush === null) throw new Error('no canvas can be drawn on here');
  return brush;
}

/** The screen of this person, as far as they choose it in the browser's own dialog. */

/** @typedef {{getDisplayMedia?: MediaDevices['getDisplayMedia']}} ScreenSource */

/**
 * @param {ScreenSource | undefined} source @param {() => void} onEnded they stopped it in the browser
 * @returns {Promise<MediaStreamTrack | 'unwanted' | 'failed'>} unwanted: they chose nothing
 */
export async function openScreen(source, onEnded) {
  try {
    const stream = await source?.getDisplayMedia?.({ video: { frameRate: { ideal: 15 } }, audio: false });
    const [track] = stream?.getVideoTracks() ?? [];
    if (track === undefined) return 'failed';
    track.contentHint = 'detail'; // letters must stay sharp, movement may jump (W3C mst-content-hint)
    track.onended = onEnded;
    return track;
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'unwanted' : 'failed';
  }
}

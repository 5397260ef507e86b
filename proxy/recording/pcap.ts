import type { CaptureItem } from './capture-item.ts';
import { limits } from './limits.ts';
import type { Notes } from './notes.ts';
import { RecordingError } from './recording-error.ts';

const headerLength = 24;
const recordHeaderLength = 16;
const microseconds = 0xa1b2_c3d4;
const nanoseconds = 0xa1b2_3c4d;

/** Whether these are the first bytes of a pcap file, in either byte order. */
export function isPcap(bytes: Uint8Array): boolean {
  return formatOf(bytes) !== undefined;
}

/** The packets of a classic capture file (draft-ietf-opsawg-pcap), in micro- or nanoseconds, of either byte order. */
export function* readPcap(bytes: Uint8Array, notes: Notes): Generator<CaptureItem, void> {
  const format = formatOf(bytes);
  if (format === undefined || bytes.length < headerLength) {
    throw new RecordingError('damaged', 'The file ends within its first header.', 'Save the capture again.');
  }
  const { littleEndian, unit } = format;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The upper bits tell of a frame check sequence, which the length in the IP header leaves out.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  let at = headerLength;
  while (at < bytes.length) {
    const rest = bytes.length - at;
    const length = rest < recordHeaderLength ? 0 : view.getUint32(at + 8, littleEndian);
    if (length > limits.blockBytes) {
      throw new RecordingError(
        'damaged',
        `The packet at byte ${at} says that it is ${length} bytes long, which no packet is.`,
        'The file is damaged, or no capture; Wireshark may be able to repair it by saving it again.',
      );
    }
    if (rest < recordHeaderLength + length) {
      notes.say(`The file ends in the middle of a packet, at byte ${at}; what comes before it was read.`);
      return;
    }
    const seconds = BigInt(view.getUint32(at, littleEndian));
    const fraction = BigInt(view.getUint32(at + 4, littleEndian));
    const start = at + recordHeaderLength;
    at = start + length;
    yield {
      kind: 'packet',
      linkType,
      time: seconds * 1_000_000_000n + fraction * unit,
      frame: bytes.subarray(start, at),
      comments: [],
    };
  }
}

function formatOf(bytes: Uint8Array): { littleEndian: boolean; unit: bigint } | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === microseconds) return { littleEndian, unit: 1000n };
    if (magic === nanoseconds) return { littleEndian, unit: 1n };
  }
  return undefined;
}

export type RecordingErrorCode =
  'file-too-large' | 'too-much-in-file' | 'unknown-format' | 'compressed' | 'damaged' | 'nothing-to-show';

/** A file that cannot be shown. The message says why in a sentence; the hint, what to do about it. */
export class RecordingError extends Error {
  readonly code: RecordingErrorCode;
  readonly hint: string;

  constructor(code: RecordingErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

interface Group {
  readonly reason: string;
  readonly names?: readonly string[];
  /** How all names of the group end. */
  readonly endings?: readonly string[];
}

/** Fields whose label and meaning say enough, by the reason why; each other one has a text in `en/`. */
export const NEEDS_NONE: readonly Group[] = [
  {
    reason: 'A length: it says how long the field behind it is, and its label names that field.',
    endings: ['_len', '_length', '.len', '.length', '_count'],
  },
  {
    reason: 'Punctuation: it keeps the parts apart and means nothing itself.',
    names: [
      'plainsight.separator',
      'plainsight.line_end',
      'plainsight.json.punctuation',
      'plainsight.multipart.head_end',
      'http.chunk_boundary',
    ],
  },
  {
    reason: 'Bytes that could not be read: the field itself says what is wrong with them.',
    names: ['plainsight.malformed'],
  },
];

/** Whether the label of such a field says enough. */
export function needsNone(fieldName: string): boolean {
  return NEEDS_NONE.some(
    ({ names = [], endings = [] }) =>
      names.includes(fieldName) || endings.some((ending) => fieldName.endsWith(ending)),
  );
}

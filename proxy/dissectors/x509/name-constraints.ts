import { context, type DerReader, SEQUENCE } from './der.ts';
import { readGeneralName } from './general-name.ts';
import { readInteger } from './values.ts';

const LISTS = [
  { tag: context(0, true), name: 'x509ce.permittedSubtrees', label: 'Permitted' },
  { tag: context(1, true), name: 'x509ce.excludedSubtrees', label: 'Excluded' },
];

/** Which names an authority may and may not sign for (RFC 5280, 4.2.1.10); answers them as a line. */
export function readNameConstraints(der: DerReader): string {
  const lines: string[] = [];
  der.structure(SEQUENCE, 'x509ce.NameConstraintsSyntax_element', 'Name constraints', () => {
    for (const { tag, name, label } of LISTS) {
      if (!der.isNext(tag)) continue;
      der.structure(tag, name, label, () => {
        const names = readSubtrees(der);
        lines.push(`${label.toLowerCase()}: ${names}`);
        der.reader.describe({ value: names });
      });
    }
  });
  return lines.join('; ');
}

function readSubtrees(der: DerReader): string {
  const names: string[] = [];
  der.each(() => {
    der.structure(SEQUENCE, 'x509ce.GeneralSubtree_element', 'Names', () => {
      const name = readGeneralName(der, 'constraint');
      names.push(name);
      der.reader.describe({ value: name });
      if (der.isNext(context(0))) readInteger(der, 'x509ce.minimum', 'Minimum', { tag: context(0) });
      if (der.isNext(context(1))) readInteger(der, 'x509ce.maximum', 'Maximum', { tag: context(1) });
    });
  });
  return names.join(', ');
}

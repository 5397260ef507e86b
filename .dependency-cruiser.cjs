/** The arrows between the rooms, each with its reason. */
const pure = '^proxy/(contract(\\.ts|/)|dissectors/|explanations/|keys/|folds/|pcapng/|recording/)';

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one idea in two places.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'dissectors-stand-alone',
      comment: 'Bytes in, fields out: a dissector that knows more than that can no longer run anywhere.',
      severity: 'error',
      from: { path: '^proxy/dissectors/' },
      // A library that is as pure as they are: DEFLATE in plain TypeScript, for content codings.
      to: { pathNot: '^(proxy/dissectors/|node_modules/fflate/)' },
    },
    {
      name: 'keys-are-pure',
      comment:
        'What a lent key opens is computed from the records and the key log alone, wherever that is asked.',
      severity: 'error',
      from: { path: '^proxy/keys/' },
      to: { pathNot: '^(proxy/(contract(\\.ts|/)|dissectors/|keys/)|node_modules/@noble/)' },
    },
    {
      name: 'explanations-stand-alone',
      comment: 'Texts are improved and translated without touching code.',
      severity: 'error',
      from: { path: '^proxy/explanations/' },
      to: { pathNot: '^proxy/explanations/' },
    },
    {
      name: 'recordings-are-pure',
      comment: 'A capture file is read the same way by the server, the command line and tests.',
      severity: 'error',
      from: { path: '^proxy/recording/' },
      to: { pathNot: '^proxy/(contract(\\.ts|/)|dissectors/|pcapng/|recording/)' },
    },
    {
      name: 'folds-are-pure',
      comment: 'The dashboard, the API, an export and a test run the same folds.',
      severity: 'error',
      from: { path: '^proxy/folds/' },
      to: { pathNot: '^proxy/(contract(\\.ts|/)|dissectors/|keys/|folds/)' },
    },
    {
      name: 'capture-files-are-pure',
      comment:
        'The same file format is written by the server and read by the dashboard, the command line and tests.',
      severity: 'error',
      from: { path: '^proxy/pcapng/' },
      to: { pathNot: '^proxy/(contract(\\.ts|/)|pcapng/)' },
    },
    {
      name: 'relay-waits-for-nobody',
      comment: 'A dissector can be wrong; it can never break the relay.',
      severity: 'error',
      from: { path: '^proxy/(relay|capture)/' },
      to: { path: '^proxy/(dissectors|folds|feed|stepping|attacks|victim)/' },
    },
    {
      name: 'site-knows-no-proxy',
      comment: 'The site is an ordinary site; what it says counts because it knows nothing of who listens.',
      severity: 'error',
      from: { path: '^(demo-sites|certs)/' },
      to: { path: '^(proxy|dashboard)/' },
    },
    {
      name: 'dashboard-sees-the-pure-rooms',
      comment: 'What the dashboard shows comes through the socket or from the shared pure files.',
      severity: 'error',
      from: { path: '^dashboard/src/' },
      to: { path: '^(proxy|certs|demo-sites)/', pathNot: pure },
    },
    {
      name: 'interception-knows-a-table',
      comment:
        'What faces any client knows names and ports, and nothing of keys, captures and sites; it runs in a process of its own.',
      severity: 'error',
      from: { path: '^proxy/interception/' },
      // How a socket is ended and reset is the same question as in the relay.
      to: {
        pathNot:
          '^(proxy/(contract(\\.ts|/)|interception/|relay/socket-end\\.ts)|node_modules/(http-mitm-proxy|tsx)/)',
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'interception-is-composed',
      comment: 'No lane depends on it: the lab does all its work while the engine is dead.',
      severity: 'error',
      from: { pathNot: '^(proxy/(main\\.ts|lab/|interception/)|tests/)' },
      to: { path: '^proxy/interception/' },
    },
    {
      name: 'attacks-use-the-lab',
      comment:
        'An attack gets the lab handed to it. What the site counted comes from the site, so that no attack is its own judge.',
      severity: 'error',
      from: { path: '^proxy/attacks/' },
      to: {
        path: '^proxy/',
        pathNot: '^proxy/(contract(\\.ts|/)|dissectors/|attacks/|capture/|relay/gate\\.ts|victim/)',
      },
    },
    {
      name: 'attacks-are-composed',
      comment: 'Relay, stepping and victim work the same whether there are attacks or not.',
      severity: 'error',
      from: { pathNot: '^(proxy/(main\\.ts|lab/|attacks/)|tests/)' },
      to: { path: '^proxy/attacks/' },
    },
    {
      name: 'one-importer-of-the-socket',
      comment: 'No component knows that there is a socket.',
      severity: 'error',
      from: { path: '^dashboard/src/', pathNot: '^dashboard/src/lib/state/' },
      to: { path: 'node_modules/socket\\.io-client' },
    },
    {
      name: 'only-main-composes',
      comment: 'One file knows all the parts, with a room for what it is made of.',
      severity: 'error',
      from: { path: '^proxy/', pathNot: '^proxy/((main|cli)\\.ts$|lab/)' },
      to: { path: '^(demo-sites|certs)/' },
    },
    {
      name: 'lab-is-composed',
      comment: 'What puts parts together is put together by main alone.',
      severity: 'error',
      from: { path: '^proxy/', pathNot: '^proxy/(main\\.ts$|lab/)' },
      to: { path: '^proxy/lab/' },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'What ships does not lean on tests.',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'svelte', 'types'],
    },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};

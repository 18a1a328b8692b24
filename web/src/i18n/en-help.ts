// The list of shortcuts: loaded when it is asked for.
export const enHelp = {
  title: 'Keyboard',
  close: 'Close',
  off: 'Turn single keys off',
  on: 'Turn single keys on',
  keys: [
    ['Space', 'pause or go on'],
    ['t', 'map or table'],
    ['/', 'filter'],
    ['1 … 8', 'toggle a class'],
    ['← →', 'on the map: next corridor; else 1 min back or on in time, with Shift 1 h'],
    ['[ ]', 'shorter or longer timeline'],
    ['L', 'back to live'],
    ['Enter', 'open the row, filter by the corridor'],
    ['Esc', 'close the drawer, empty the filter box'],
    ['i', 'incidents or now, when there is a pact'],
    ['W', 'make the drawer of an incident wide or narrow'],
    ['?', 'this list']
  ] as [string, string][]
};
export type HelpWords = typeof enHelp;

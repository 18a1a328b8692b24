declare module 'virtual:land' {
  const land: {columns: number; rows: number; top: number; bottom: number; half: number; rotation: number; bits: string};
  export default land;
}

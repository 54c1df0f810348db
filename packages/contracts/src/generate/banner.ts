export const banner =
  "// Generated from schemas/ by `pnpm weft schemas generate`. Change the documents there, not this file.\n";

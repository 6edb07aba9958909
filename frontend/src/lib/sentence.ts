/** Return the words as a sentence: the server's have no full stop where they stand alone. */
export function sentence(words: string | null | undefined): string {
  const text = (words ?? "").trim();
  return text === "" || /[.!?]$/.test(text) ? text : `${text}.`;
}

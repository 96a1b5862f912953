/** A command line that a shell would do more with than start one program. */
export class UnsupportedCommand extends Error {}

/**
 * The words of a command line, as a shell takes them apart: blanks separate, quotes and backslashes keep. What else a shell
 * would do is not done.
 * @throws UnsupportedCommand for pipes, redirections, variables, substitutions and several commands
 */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < line.length; index++) {
    const char = line[index] ?? "";
    if (quote === "'") {
      if (char === "'") quote = "";
      else word += char;
    } else if (char === "\\") word = (word ?? "") + (line[++index] ?? "");
    else if (quote === '"') {
      if (char === '"') quote = "";
      else if (char === "$" || char === "`") throw beyond(char);
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (char === "\n" && line.slice(index).trim() !== "") throw beyond("several lines");
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|&;<>()$`*?{}~#]/.test(char)) throw beyond(char);
    else word = (word ?? "") + char;
  }
  if (quote !== "") throw new UnsupportedCommand(`a quotation ${quote} is not closed`);
  return word === undefined ? words : [...words, word];
}

function beyond(what: string): UnsupportedCommand {
  return new UnsupportedCommand(`${what} of the shell is not in the local cloud, which runs one kubectl command`);
}

import { expect, it } from "vitest";
import { safeFileName } from "./file-name.ts";

it.each([
  ["report.pdf", "report.pdf"],
  ["Größe 😀.txt", "Größe 😀.txt"],
  ["../../etc/passwd", ".._.._etc_passwd"],
  ["C:\\temp\\a.txt", "C:_temp_a.txt"],
  ["a\u0000b\r\nc\u007f\u0085\u2028.txt", "abc.txt"],
  ["invoice\u202Efdp.exe", "invoicefdp.exe"],
  ["half \ud800 pair", "half \ufffd pair"],
  ["  a.txt \t", "a.txt"],
  ["", "file"],
  ["\u0000\n", "file"],
  [".", "file"],
  ["..", "file"],
  [".profile", ".profile"],
])("%j becomes %j", (name, safe) => {
  expect(safeFileName(name)).toBe(safe);
});

it("a name that is too long is cut to 255 characters and keeps its extension", () => {
  expect(safeFileName(`${"x".repeat(300)}.pdf`)).toBe(`${"x".repeat(251)}.pdf`);
  expect(safeFileName("x".repeat(255))).toBe("x".repeat(255));
  expect(safeFileName("x".repeat(256))).toBe("x".repeat(255));
  expect(safeFileName(`a.${"x".repeat(300)}`)).toBe(`a.${"x".repeat(253)}`);
});

it("a name is never cut through a character", () => {
  const safe = safeFileName(`${"😀".repeat(200)}.txt`);
  expect(safe).toBe(`${"😀".repeat(125)}.txt`);
});

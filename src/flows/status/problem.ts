/** Something of an environment that needs attention, and how to mend it. Never holds the value of a variable. */
export interface Problem {
  readonly what: string;
  readonly fix: string;
}

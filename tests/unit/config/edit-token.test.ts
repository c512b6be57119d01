import { describe, expect, it } from "vitest";

import { withRestToken } from "../../../src/config/edit-token.ts";

const SECURE = "v1:fake:fake==";
const edit = (text: string) => withRestToken(text, SECURE, "Pulumi.dev.yaml");

describe("withRestToken", () => {
  it.each([
    [
      "a line below the address",
      'config:\n  kvshift:upstash:\n    # of old\n    restUrl: "https://x.test" # here\n  kvshift:kind: development\n',
      'config:\n  kvshift:upstash:\n    # of old\n    restUrl: "https://x.test" # here\n    restToken: { secure: "v1:fake:fake==" }\n  kvshift:kind: development\n',
    ],
    [
      "the place of the one that is there",
      "config:\n  kvshift:upstash:\n    restToken: { secure: old } # mine\n    restUrl: https://x.test\n",
      'config:\n  kvshift:upstash:\n    restToken: { secure: "v1:fake:fake==" } # mine\n    restUrl: https://x.test\n',
    ],
    [
      "the place of one in clear",
      "config:\n  kvshift:upstash: { restUrl: https://x.test, restToken: plain }\n",
      'config:\n  kvshift:upstash: { restUrl: https://x.test, restToken: { secure: "v1:fake:fake==" } }\n',
    ],
    [
      "the braces",
      'config:\n  kvshift:upstash: { restUrl: "https://x.test" }\n',
      'config:\n  kvshift:upstash: { restUrl: "https://x.test", restToken: { secure: "v1:fake:fake==" } }\n',
    ],
    [
      "the end of a file without a line break",
      "config:\n  kvshift:upstash:\n    restUrl: https://x.test",
      'config:\n  kvshift:upstash:\n    restUrl: https://x.test\n    restToken: { secure: "v1:fake:fake==" }',
    ],
    [
      "a file with the line breaks of Windows",
      "config:\r\n  kvshift:upstash:\r\n    restUrl: https://x.test\r\n",
      'config:\r\n  kvshift:upstash:\r\n    restUrl: https://x.test\r\n    restToken: { secure: "v1:fake:fake==" }\r\n',
    ],
  ])("writes it into %s, and touches nothing else", (_where, text, expected) => {
    expect(edit(text)).toBe(expected);
  });

  it.each(["config: {}\n", "config:\n  kvshift:upstash: {}\n", "config: [\n", ""])(
    "refuses %j: there is no place",
    (text) => {
      expect(() => edit(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    },
  );
});

import { describe, expect, test } from "vitest";
import { parseRemote } from "../../src/engines/spark/remote.ts";

const ID = "550e8400-e29b-41d4-a716-446655440000";

describe("a Spark Connect address", () => {
  test("names host and port; the port is 15002 unless it says otherwise", () => {
    expect(parseRemote("sc://spark.example")).toMatchObject({ address: "spark.example:15002", tls: false, token: undefined });
    expect(parseRemote("sc://10.0.0.7:443/")).toMatchObject({ address: "10.0.0.7:443" });
    expect(parseRemote("sc://[::1]:15002/;user_id=an")).toMatchObject({ address: "[::1]:15002", userId: "an" });
  });

  test("has parameters as Spark's specification has them; unknown ones become headers", () => {
    const text = `sc://h:1/;use_ssl=true;token=a%3Bb%20c;user_id=Mai;user_agent=app;session_id=${ID};grpc_max_message_size=1000;x-cluster=7`;
    expect(parseRemote(text)).toEqual({
      address: "h:1",
      tls: true,
      token: "a;b c",
      userId: "Mai",
      userAgent: "app",
      sessionId: ID,
      maxMessageBytes: 1000,
      headers: [["x-cluster", "7"]],
    });
    expect(parseRemote("sc://h").sessionId).not.toBe(parseRemote("sc://h").sessionId);
  });

  test("a token asks for TLS, and goes in the clear to this machine at most", () => {
    expect(parseRemote("sc://h/;token=s")).toMatchObject({ tls: true });
    expect(parseRemote("sc://localhost/;token=s;use_ssl=false")).toMatchObject({ tls: false, token: "s" });
    expect(() => parseRemote("sc://h/;token=s;use_ssl=false")).toThrow(/in the clear/);
  });

  for (const [text, why] of [
    ["http://h:15002", "sc://host:15002"],
    ["sc://", "sc://host:15002"],
    ["sc://h:99999", "between 1 and 65535"],
    ["sc://h/path/;token=hunter2", "sc://host:15002"],
    ["sc://h/;token=hunter2;token=hunter3", "token twice"],
    ["sc://h/;token=", "token has no value"],
    ["sc://h/;hunter2", ";name=value"],
    ["sc://h/;token=hunter2;use_ssl=yes", "true or false"],
    ["sc://h/;token=hunter2;session_id=7", "UUID"],
    ["sc://h/;token=hunter2%", "percent-encoded"],
    ["sc://user:hunter2@h", "sc://host:15002"],
  ] as const)
    test(`${text.replaceAll(/hunter\d/g, "…")} is refused, and the token is not shown`, () => {
      expect(() => parseRemote(text)).toThrow(expect.objectContaining({ code: "spark_remote", message: expect.stringContaining(why) }));
      expect(() => parseRemote(text)).not.toThrow(/hunter/);
    });
});

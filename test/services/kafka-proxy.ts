import { connect, createServer, type Socket } from "node:net";

const PRODUCE = 0;

export interface Proxy {
  /** The next produce request reaches the broker, and its answer nobody: the connection breaks instead. */
  loseNextAcknowledgement(): void;
  /** How many have been lost. */
  lost(): number;
  close(): void;
}

/** Stands between clients and a broker's listener. */
export function startProxy(port: number, broker: number): Promise<Proxy> {
  let armed = false;
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port: broker });
    let losing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (data) => {
      // A request begins with its length and its kind; kafkajs writes each at once.
      if (armed && data.length > 6 && data.readInt16BE(4) === PRODUCE) {
        armed = false;
        losing = true;
      }
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (!losing) return client.write(data);
      lost++;
      return client.destroy();
    });
  });
  return new Promise((resolve) =>
    server.listen(port, "127.0.0.1", () =>
      resolve({
        loseNextAcknowledgement: () => void (armed = true),
        lost: () => lost,
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      }),
    ),
  );
}

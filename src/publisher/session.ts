/** What is sent, and over what: an accepted connection to a broker. */

/** 4 is 3.1.1: no sizes, no refusals. */
export type MqttVersion = 4 | 5;

export interface Outgoing {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** A message by its packet. */
export interface Sized {
  readonly topic: string;
  readonly bytes: number;
}

export interface Session {
  readonly version: MqttVersion;
  /** of a whole packet, as the broker says; infinite where it says nothing */
  readonly maxPacketBytes: number;
  /** unanswered messages that the broker takes at once */
  readonly maxInFlight: number;
  /** Never waits; `onAnswer` is called once the broker has answered, or not at all: with a reason code of MQTT 5 where it refuses. */
  publish(message: Outgoing, onAnswer?: (reasonCode?: number) => void): void;
  /** Hears what is published on the topic for as long as the connection lasts, or until the listener says true. */
  listen(topic: string, isLast: (payload: Buffer) => boolean): void;
}

/** A subscriber that keeps every message under `lookout/`, through restarts of the broker. Owner closes it. */
import mqtt, { type MqttClient } from 'mqtt';
import type { Alert, AlertType } from '../../src/messages/alert.ts';
import { Feed } from './feed.ts';

export interface Message {
  readonly topic: string;
  readonly text: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

export class Subscriber implements AsyncDisposable {
  readonly messages = new Feed<Message>();
  readonly alertFeed = new Feed<Alert>();
  readonly url: string;
  readonly #client: MqttClient;

  static async open(url: string): Promise<Subscriber> {
    const client = mqtt.connect(url, { reconnectPeriod: 50, connectTimeout: 2000, reconnectOnConnackError: true });
    const subscriber = new Subscriber(url, client);
    await client.subscribeAsync('lookout/#', { qos: 1 });
    return subscriber;
  }

  private constructor(url: string, client: MqttClient) {
    this.url = url;
    this.#client = client;
    client.on('error', () => undefined); // it reconnects by itself
    client.on('message', (topic, payload, { retain }) => {
      const text = payload.toString();
      this.messages.push({ topic, payload, text: topic.endsWith('/snapshot') ? `${payload.length} bytes` : text, retain });
      if (topic.endsWith('/alert')) this.alertFeed.push(JSON.parse(text) as Alert);
    });
  }

  get alerts(): readonly Alert[] {
    return this.alertFeed.items;
  }

  /** Types of the alerts of one event, in order. One that a broker took and did not acknowledge comes twice; it counts once. */
  typesOf(id: string): AlertType[] {
    const ofEvent = this.alerts.filter((alert) => alert.id === id);
    return [...new Map(ofEvent.map(({ epoch, seq, type }) => [`${epoch} ${seq}`, type])).values()];
  }

  /** The next alert of this type, of this event if one is named. */
  async alert(
    type: AlertType,
    of: { readonly id?: string; readonly not?: string; readonly camera?: string } = {},
  ): Promise<Alert> {
    const { id, not, camera } = of;
    const matches = (alert: Alert): boolean =>
      alert.type === type && (!id || alert.id === id) && alert.id !== not && (!camera || alert.camera === camera);
    return await this.alertFeed.find(matches, { what: `the alert ${type} ${JSON.stringify(of)}` });
  }

  async message(topic: string, matches: (message: Message) => boolean = () => true, from = 0): Promise<Message> {
    return await this.messages.find((message) => message.topic === topic && matches(message), {
      what: `a message on ${topic}`,
      from,
    });
  }

  texts(topic: string): string[] {
    return this.messages.items.filter((message) => message.topic === topic).map(({ text }) => text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

// What container runtimes know, as the sensor asks for it and learns it.
import type { ContainerMetadata } from '../decode/event.js';
import type { Containers } from '../enrich/container.js';
import type { ContainerQuestions } from './containers.js';
import type { FromSensor, ToSensor } from './protocol.js';
import type { RuleStage } from './rules.js';

/** Who asks, who waits, and who keeps the answers. */
export interface ContainerMetadataOptions {
  questions: ContainerQuestions;
  containers: Containers;
  rules: RuleStage;
  /** Hears of every answer. */
  learnt(full_id: string, metadata: ContainerMetadata): void;
  post(message: FromSensor): void;
}

/** Asks while somebody wants to know. */
export class ContainerMetadataStage {
  constructor(private readonly options: ContainerMetadataOptions) {}

  /** Runtimes are left alone while nobody reads what they know. */
  want(wanted: boolean): void {
    const { questions, containers, rules, post } = this.options;
    if (wanted === questions.enabled) return;
    post({ kind: 'containers', wanted });
    if (wanted) questions.enable(containers.seen());
    else {
      questions.disable();
      rules.drain();
    }
  }

  /** Takes an answer, or what a runtime tells by itself: events that waited for it are judged. */
  learn({ full_id, metadata }: Extract<ToSensor, { kind: 'container' }>): void {
    const { questions, containers, rules, learnt } = this.options;
    // That no runtime knows a container does not take away what one has told.
    if (metadata !== undefined) {
      containers.learn(full_id, metadata);
      learnt(full_id, metadata);
    }
    questions.answered(full_id);
    rules.answered(full_id);
    rules.flush();
  }
}

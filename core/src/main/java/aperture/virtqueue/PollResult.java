package aperture.virtqueue;

/** What a look at the available ring found. */
public enum PollResult {
  /** The batch holds at least one chain. */
  CHAINS,
  /** Nothing is available. */
  EMPTY,
  /** A translation had to wait; nothing was taken; poll again in a new batch. */
  RESTART,
  /** The right to translate was revoked; nothing was taken. */
  REVOKED,
  /** The queue is broken; {@link DeviceQueue#fault()} says why. Nothing more will be taken. */
  FAULT
}

package io.github.bedrockgateway;

import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The events of one answer, as they come.
 *
 * <p>To be read once, by one thread, in a loop or with {@link #collect()}. Waiting for the next
 * event blocks; an interrupt ends the wait and the call. A call that does not end with OK throws
 * {@link GatewayException} from the iterator, so that a loop that ends has seen the whole answer.
 *
 * <p>{@link #close()} ends the call at the gateway and at the model, unless it is over. Use
 * try-with-resources, so that a loop that is left early costs no more tokens than it has to.
 */
public final class EventStream implements Iterable<InvokeStreamResponse>, AutoCloseable {
  /** Events that may wait here before the gateway is held back. */
  private static final int WINDOW = 32;

  private final ClientCall<?, InvokeStreamResponse> call;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Events events = new Events();

  EventStream(ClientCall<?, InvokeStreamResponse> call) {
    this.call = call;
  }

  /** What the call is started with. */
  ClientCall.Listener<InvokeStreamResponse> listener() {
    return new ClientCall.Listener<>() {
      @Override
      public void onMessage(InvokeStreamResponse event) {
        signals.add(new Next(event));
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        signals.add(new End(status, trailers));
      }
    };
  }

  /** Lets the first events come. */
  void open() {
    call.request(WINDOW);
  }

  /**
   * {@return the events; always the same iterator, which throws {@link GatewayException} if the
   * call fails}
   */
  @Override
  public Iterator<InvokeStreamResponse> iterator() {
    return events;
  }

  /**
   * Reads what is left of the stream and closes it.
   *
   * @return the answer that {@link GatewayClient#invoke(String)} would have given; only if no event
   *     was read before
   * @throws GatewayException if the call fails; there is then no answer, however much of it came
   */
  public InvokeResponse collect() {
    try (this) {
      AnswerCollector collector = new AnswerCollector();
      events.forEachRemaining(collector::add);
      if (!collector.isComplete()) {
        Status status =
            Status.INTERNAL.withDescription(
                "the stream ended with OK, but what was read of it is not a whole answer");
        throw Failure.of(status, null);
      }
      return collector.response();
    }
  }

  /** Ends the call if it is not over. May be called by any thread, and more than once. */
  @Override
  public void close() {
    call.cancel("the stream was closed before its end", null);
  }

  private sealed interface Signal {}

  private record Next(InvokeStreamResponse event) implements Signal {}

  private record End(Status status, Metadata trailers) implements Signal {}

  private final class Events implements Iterator<InvokeStreamResponse> {
    private Signal ahead;
    private int taken;

    @Override
    public boolean hasNext() {
      if (ahead == null) {
        ahead = take();
      }
      if (ahead instanceof End end && !end.status().isOk()) {
        throw Failure.of(end.status(), end.trailers());
      }
      return ahead instanceof Next;
    }

    @Override
    public InvokeStreamResponse next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the stream is over");
      }
      InvokeStreamResponse event = ((Next) ahead).event();
      ahead = null;
      taken++;
      if (taken == WINDOW / 2) {
        call.request(taken);
        taken = 0;
      }
      return event;
    }

    private Signal take() {
      try {
        return signals.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        call.cancel("interrupted", e);
        return new End(Status.CANCELLED.withDescription("interrupted").withCause(e), null);
      }
    }
  }
}

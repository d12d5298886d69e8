package io.github.bedrockgateway;

import bedrock.gateway.v1.InvokeStreamResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;

/** Makes a call for each subscriber, whose demand is what holds the gateway back. */
final class EventPublisher implements Flow.Publisher<InvokeStreamResponse> {
  private final Function<
          ClientCall.Listener<InvokeStreamResponse>, ClientCall<?, InvokeStreamResponse>>
      start;

  /**
   * Publishes the events of calls.
   *
   * @param start makes a call that has sent its request
   */
  EventPublisher(
      Function<ClientCall.Listener<InvokeStreamResponse>, ClientCall<?, InvokeStreamResponse>>
          start) {
    this.start = start;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super InvokeStreamResponse> subscriber) {
    new EventSubscription(Objects.requireNonNull(subscriber, "subscriber")).run();
  }

  private final class EventSubscription extends ClientCall.Listener<InvokeStreamResponse>
      implements Flow.Subscription, Runnable {
    private final Flow.Subscriber<? super InvokeStreamResponse> subscriber;
    private ClientCall<?, InvokeStreamResponse> call;
    private long demandBefore;
    private boolean over;

    EventSubscription(Flow.Subscriber<? super InvokeStreamResponse> subscriber) {
      this.subscriber = subscriber;
    }

    /** Subscribes, and then makes the call, so that no event can come before the subscription. */
    @Override
    public void run() {
      subscriber.onSubscribe(this);
      if (isOver()) {
        return;
      }
      try {
        begin(start.apply(this));
      } catch (RuntimeException e) {
        if (end()) {
          subscriber.onError(e);
        }
      }
    }

    @Override
    public void request(long events) {
      if (events <= 0) {
        if (end()) {
          cancelCall();
          subscriber.onError(
              new IllegalArgumentException("the demand must be more than zero, not " + events));
        }
        return;
      }
      ClientCall<?, InvokeStreamResponse> running;
      synchronized (this) {
        running = call;
        if (running == null) {
          demandBefore = demandBefore + events < 0 ? Long.MAX_VALUE : demandBefore + events;
        }
      }
      if (running != null) {
        running.request(atMostInt(events));
      }
    }

    @Override
    public void cancel() {
      end();
      cancelCall();
    }

    @Override
    public void onMessage(InvokeStreamResponse event) {
      if (!isOver()) {
        subscriber.onNext(event);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!end()) {
        return;
      }
      if (status.isOk()) {
        subscriber.onComplete();
      } else {
        subscriber.onError(Failure.of(status, trailers));
      }
    }

    private void begin(ClientCall<?, InvokeStreamResponse> started) {
      long demand;
      synchronized (this) {
        call = started;
        demand = demandBefore;
      }
      if (demand > 0) {
        started.request(atMostInt(demand));
      }
      if (isOver()) {
        cancelCall();
      }
    }

    private void cancelCall() {
      ClientCall<?, InvokeStreamResponse> running;
      synchronized (this) {
        running = call;
      }
      if (running != null) {
        running.cancel("the subscription was cancelled", null);
      }
    }

    private synchronized boolean isOver() {
      return over;
    }

    /** Whether it was not over before: only then may the subscriber be told. */
    private synchronized boolean end() {
      boolean first = !over;
      over = true;
      return first;
    }

    private static int atMostInt(long demand) {
      return (int) Math.min(demand, Integer.MAX_VALUE);
    }
  }
}

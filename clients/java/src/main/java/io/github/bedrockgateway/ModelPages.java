package io.github.bedrockgateway;

import bedrock.gateway.v1.ListModelsRequest;
import bedrock.gateway.v1.ListModelsResponse;
import bedrock.gateway.v1.Model;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** All models, page after page, each asked for when it is needed. */
final class ModelPages implements Iterator<Model> {
  private final Function<ListModelsRequest, ListModelsResponse> fetch;
  private ListModelsRequest next;
  private Iterator<Model> page = List.<Model>of().iterator();

  ModelPages(ListModelsRequest first, Function<ListModelsRequest, ListModelsResponse> fetch) {
    next = first;
    this.fetch = fetch;
  }

  @Override
  public boolean hasNext() {
    while (!page.hasNext() && next != null) {
      ListModelsResponse response = fetch.apply(next);
      page = response.getModelsList().iterator();
      String token = response.getNextPageToken();
      next = token.isEmpty() ? null : next.toBuilder().setPageToken(token).build();
    }
    return page.hasNext();
  }

  @Override
  public Model next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there are no more models");
    }
    return page.next();
  }
}

package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection with its second socket, and what several threads do to it. */
@Timeout(30)
class ChannelTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final byte[] NOTHING = new byte[0];

  private final long before = Fd.open();
  private UnixSocket.Pair main;
  private Channel channel;

  @BeforeEach
  void connect() throws IOException {
    main = UnixSocket.pair();
    channel = new Channel(main.right());
  }

  @AfterEach
  void nothingLeaks() {
    channel.close();
    main.close();
    assertThat(Fd.open()).isEqualTo(before);
  }

  private static <T> CompletableFuture<T> elsewhere(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** Gives the channel a second socket, through the first, and returns the front end's end. */
  private UnixSocket giveBackEndSocket() throws IOException {
    UnixSocket.Pair second = UnixSocket.pair();
    new MessageWriter(main.left())
        .request(FrontEndRequest.SET_BACKEND_REQ_FD, NOTHING, true, second.right().fd());
    // The descriptor alone: closing the socket would end the connection that was handed over.
    second.right().fd().close();
    try (Message<?> message = (Message<?>) channel.receive()) {
      channel.takeBackEndSocket(message.takeFd());
    }
    return second.left();
  }

  private long ask(BackEndRequest request, byte[] payload) throws IOException {
    List<Long> answers = new ArrayList<>();
    channel.ask(request, List.of(payload), LONG, answers::add);
    return answers.getFirst();
  }

  @Test
  void questionsGoOutTogetherAndAreAnsweredInTheirOrder() throws Exception {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      List<byte[]> misses =
          List.of(
              IotlbMessage.miss(0x1000, 1).encode(),
              IotlbMessage.miss(0x2000, 2).encode(),
              IotlbMessage.miss(0x3000, 1).encode());
      List<Long> answers = Collections.synchronizedList(new ArrayList<>());
      CompletableFuture<Boolean> asked =
          elsewhere(() -> {
            channel.ask(BackEndRequest.IOTLB_MSG, misses, LONG, answers::add);
            return true;
          });
      MessageReader<BackEndRequest> reader = MessageReader.ofBackEnd(frontEnd);
      for (long iova = 0x1000; iova <= 0x3000; iova += 0x1000) {
        Message<?> question = (Message<?>) reader.read();
        assertThat(IotlbMessage.decode(question.payload()).iova()).isEqualTo(iova);
      }
      assertThat(answers).as("none is answered yet").isEmpty();
      for (long status = 5; status <= 7; status++) {
        new MessageWriter(frontEnd).acknowledge(BackEndRequest.IOTLB_MSG, status);
      }
      assertThat(asked.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(answers).containsExactly(5L, 6L, 7L);
    }
  }

  @Test
  void aQuestionIsAnsweredByTheFrontEnd() throws Exception {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      CompletableFuture<Long> answer =
          elsewhere(() -> ask(BackEndRequest.IOTLB_MSG, IotlbMessage.miss(0x1000, 1).encode()));
      Message<?> question = (Message<?>) MessageReader.ofBackEnd(frontEnd).read();
      assertThat(question.request()).isEqualTo(BackEndRequest.IOTLB_MSG);
      assertThat(question.asksForReply()).isTrue();
      assertThat(IotlbMessage.decode(question.payload()).iova()).isEqualTo(0x1000);
      new MessageWriter(frontEnd).acknowledge(BackEndRequest.IOTLB_MSG, 1);

      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  @Test
  void whatIsToldIsNotAnswered() throws IOException {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      channel.tell(BackEndRequest.CONFIG_CHANGE, NOTHING);
      Message<?> told = (Message<?>) MessageReader.ofBackEnd(frontEnd).read();
      assertThat(told.request()).isEqualTo(BackEndRequest.CONFIG_CHANGE);
      assertThat(told.asksForReply()).isFalse();
    }
  }

  @Test
  void questionsOfSeveralThreadsGetTheirOwnAnswers() throws Exception {
    int threads = 4;
    int questions = 500;
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      List<CompletableFuture<Boolean>> askers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        long number = t;
        askers.add(
            elsewhere(() -> {
              for (int i = 0; i < questions; i++) {
                byte[] miss = IotlbMessage.miss(number * questions + i, 1).encode();
                long status = ask(BackEndRequest.IOTLB_MSG, miss);
                assertThat(status).isEqualTo(number * questions + i);
              }
              return true;
            }));
      }
      MessageReader<BackEndRequest> reader = MessageReader.ofBackEnd(frontEnd);
      MessageWriter writer = new MessageWriter(frontEnd);
      for (int i = 0; i < threads * questions; i++) {
        Message<?> question = (Message<?>) reader.read();
        writer.acknowledge(
            BackEndRequest.IOTLB_MSG, IotlbMessage.decode(question.payload()).iova());
      }
      for (CompletableFuture<Boolean> asker : askers) {
        assertThat(asker.get(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void theMainSocketIsServedWhileAQuestionIsOpen() throws Exception {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      CompletableFuture<Long> answer =
          elsewhere(() -> ask(BackEndRequest.IOTLB_MSG, IotlbMessage.miss(0x1000, 1).encode()));
      assertThat(MessageReader.ofBackEnd(frontEnd).read()).isInstanceOf(Message.class);

      // As front ends do: the update first, and only once that is acknowledged the answer.
      byte[] update =
          new IotlbMessage(IotlbMessage.Type.UPDATE, 0x1000, 0x1000, 0x7000, 3).encode();
      new MessageWriter(main.left()).request(FrontEndRequest.IOTLB_MSG, update, true);
      Message<?> received = (Message<?>) channel.receive();
      channel.writer().acknowledge(received.request(), 0);
      try (Reply reply = new ReplyReader(main.left()).read(FrontEndRequest.IOTLB_MSG)) {
        assertThat(reply.number()).isZero();
      }
      new MessageWriter(frontEnd).acknowledge(BackEndRequest.IOTLB_MSG, 0);
      assertThat(answer.get(10, TimeUnit.SECONDS)).isZero();
    }
  }

  @Test
  void aSecondSocketReplacesTheFirstAndWhoWaitsThereFails() throws Exception {
    try (UnixSocket first = giveBackEndSocket()) {
      CompletableFuture<Long> answer = elsewhere(() -> ask(BackEndRequest.CONFIG_CHANGE, NOTHING));
      MessageReader<BackEndRequest> old = MessageReader.ofBackEnd(first);
      assertThat(old.read()).isInstanceOf(Message.class);
      try (UnixSocket second = giveBackEndSocket()) {
        assertThat(answer)
            .failsWithin(LONG)
            .withThrowableOfType(ExecutionException.class)
            .withCauseInstanceOf(IOException.class);
        assertThat(old.read()).isEqualTo(new Disconnected<>());

        channel.tell(BackEndRequest.CONFIG_CHANGE, NOTHING);
        assertThat(MessageReader.ofBackEnd(second).read()).isInstanceOf(Message.class);
      }
    }
  }

  @Test
  void aQuestionWithoutAnAnswerEndsTheSecondSocketAndNotTheFirst() throws IOException {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      assertThatThrownBy(() ->
              channel.ask(
                  BackEndRequest.CONFIG_CHANGE,
                  List.of(NOTHING),
                  Duration.ofMillis(5),
                  status -> {}))
          .isInstanceOf(IOException.class)
          .hasMessage("front end has not answered CONFIG_CHANGE for 5 ms");
      assertThatThrownBy(() -> ask(BackEndRequest.CONFIG_CHANGE, NOTHING))
          .as("a late answer would be taken for this one's")
          .isInstanceOf(IOException.class);
      assertThat(frontEnd.fd().isOpen()).isTrue();

      new MessageWriter(main.left()).request(FrontEndRequest.GET_FEATURES, NOTHING, false);
      assertThat(channel.receive()).isInstanceOf(Message.class);
    }
  }

  @Test
  void aFrontEndThatAnswersNonsenseIsNotAskedAgain() throws Exception {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      new MessageWriter(frontEnd).acknowledge(BackEndRequest.IOTLB_MSG, 0);
      assertThatThrownBy(() -> ask(BackEndRequest.CONFIG_CHANGE, NOTHING))
          .isInstanceOf(ProtocolException.class)
          .hasMessage("message 1 instead of an answer to CONFIG_CHANGE");
      assertThatThrownBy(() -> channel.tell(BackEndRequest.CONFIG_CHANGE, NOTHING))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void withoutASecondSocketNothingCanBeAsked() {
    assertThat(channel.hasBackEndSocket()).isFalse();
    assertThatThrownBy(() -> ask(BackEndRequest.CONFIG_CHANGE, NOTHING))
        .isInstanceOf(IOException.class)
        .hasMessage("front end has given no socket for the back end's requests");
  }

  @Test
  void aSecondSocketThatIsNoneIsRefusedAndTheFormerStays() throws IOException {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      Fd file = MemoryFile.create("no socket", 1);
      assertThatThrownBy(() -> channel.takeBackEndSocket(file)).isInstanceOf(IOException.class);
      assertThat(file.isOpen()).isFalse();
      channel.tell(BackEndRequest.CONFIG_CHANGE, NOTHING);
      assertThat(MessageReader.ofBackEnd(frontEnd).read()).isInstanceOf(Message.class);
    }
  }

  @Test
  void shuttingDownWakesWhoReceivesAndWhoAsks() throws Exception {
    try (UnixSocket frontEnd = giveBackEndSocket()) {
      CompletableFuture<Received<FrontEndRequest>> received = elsewhere(channel::receive);
      CompletableFuture<Long> answer = elsewhere(() -> ask(BackEndRequest.CONFIG_CHANGE, NOTHING));
      assertThat(MessageReader.ofBackEnd(frontEnd).read()).isInstanceOf(Message.class);

      channel.shutdown();

      assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo(new Disconnected<>());
      assertThat(answer)
          .failsWithin(LONG)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(IOException.class);
      assertThat(channel.hasBackEndSocket()).isFalse();
    }
  }

  @Test
  void aSecondSocketThatComesTooLateIsClosed() throws IOException {
    channel.shutdown();
    try (UnixSocket.Pair late = UnixSocket.pair()) {
      channel.takeBackEndSocket(late.right().fd());
      assertThat(channel.hasBackEndSocket()).isFalse();
      assertThat(late.right().fd().isOpen()).isFalse();
    }
  }
}

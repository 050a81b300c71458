package org.lguest.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.jline.terminal.Terminal;
import org.lguest.api.EventLog;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.VcpuThread;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * P:120 The commands of the Gogo scope {@code lguest}: what the command line cannot do because it has one guest and no
 * hands free. Every command names its guest by name or number.
 */
@Component(service = LguestCommands.class, immediate = true) // Gogo gets and ungets a command's service at every call
@GogoCommand(scope = "lguest", function = {"start", "plug", "list", "info", "console", "pause", "resume", "stop", "kill", "parts", "regs", "log"})
public final class LguestCommands extends Commands {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final String WHICH = "name or number of the guest";

    private final Guests guests;

    /** Called by Declarative Services. */
    @Activate
    public LguestCommands(@Reference Guests guests) { this.guests = guests; }

    @Descriptor("starts a guest; a guest that asks for a restart is started again")
    public String start(CommandSession session,
            @Descriptor("as for the program lguest: [--block=DISK]... [--net=SPEC]... [--sharenet=FILE]... [--initrd=FILE] [--rng] "
                + "[--device=LABEL[:BACKEND]]... [--await=LABEL[:BACKEND]]... [--cpu=PERCENT] [--console-log=FILE] [--engine=NAME] "
                + "[--name=NAME] [--pae] [--prefer=SEAT=PROVIDER]... [--shutdown=WORDS] [--grace=SECONDS] [--attach] [MB [KERNEL [WORD]...]]; "
                + "--attach opens the console; DISK is FILE[,ro], overlay:BASE[,file=FILE], qcow2:FILE[,ro] or mem:SIZE; PERCENT is of one "
                + "core; DISK and SPEC may have ,rate=BYTES and ,ops=REQUESTS a second")
            String[] words) throws UsageException, IOException, InterruptedException {
        Options options = Options.parse(List.of(words), session.currentDir(), guests.engines());
        if (options.spec() == null) throw new UsageException("\"help lguest:start\" tells how to use it");
        try {
            Guest guest = guests.start(options.spec());
            return options.attach() ? open(session, guest) : guest + " started";
        } catch (LaunchException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    @Descriptor("gives a running guest one more device, of any kind that is installed; puppy finds it by \"rescan\", Linux after a restart")
    public String plug(@Descriptor(WHICH) String guest, @Descriptor("kind of the device: LABEL[:BACKEND], such as rng, net:user or block:raw:FILE") String device)
            throws UsageException {
        try {
            return guests.host().plug(guests.living(guest), GuestSpec.Device.parse(device, false)) + " plugged";
        } catch (LaunchException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    @Descriptor("lists the guests, dead ones too")
    public String list() { return Description.table(guests.host()); }

    @Descriptor("tells everything about a guest: memory, kernel, devices, counters")
    public String info(@Descriptor(WHICH) String guest) throws UsageException { return Description.full(guests.host(), guests.find(guest)); }

    @Descriptor("attaches this terminal to a guest's console; ^] detaches")
    public String console(CommandSession session, @Descriptor(WHICH) String guest) throws UsageException, IOException, InterruptedException {
        return open(session, guests.find(guest));
    }

    private String open(CommandSession session, Guest guest) throws UsageException, IOException, InterruptedException {
        try (Guests.Visit _ = guests.visit(); Keys keys = session.get(".terminal") instanceof Terminal t ? Keys.of(t) : Keys.of(session.getKeyboard())) {
            try (Window window = session.get(".terminal") instanceof Terminal t ? Window.of(t) : null) {
                String end = new ConsoleSession(guests, keys, session.getConsole(), window).run(guest);
                return "\n" + end;
            }
        }
    }

    @Descriptor("stops a guest's processor between two turns, until resume")
    public String pause(@Descriptor(WHICH) String guest) throws UsageException { return pause(guest, true); }

    @Descriptor("lets a paused guest go on")
    public String resume(@Descriptor(WHICH) String guest) throws UsageException { return pause(guest, false); }

    private String pause(String which, boolean on) throws UsageException {
        Guest guest = guests.living(which);
        VcpuThread vcpu = guest.vcpu();
        CompletableFuture<Void> done = new CompletableFuture<>();
        vcpu.pause(on);
        vcpu.between(() -> done.complete(null)); // business is done in order
        CompletableFuture.anyOf(done, vcpu.finished()).join();
        return guest + (on ? " paused" : " goes on");
    }

    @Descriptor("ends a guest in good order. An lguest guest has no power button that one could press for it: what it understands, the WORDs or those "
        + "of its --shutdown, is typed on its console, with Enter, and it gets 10 seconds, or those of its --grace, to power off; without words, or after "
        + "that, its processor is stopped between two turns, requests under way are finished, and disks are closed. It is not started anew")
    public String stop(@Descriptor(WHICH) String guest, @Descriptor("what to type; poweroff, for example") String... words)
            throws UsageException, InterruptedException {
        Guest g = guests.living(guest);
        Farewell usual = g.spec().farewell();
        return g + " stopped: " + guests.host().stop(g, words.length == 0 ? usual : usual.saying(String.join(" ", words)));
    }

    @Descriptor("ends a guest at once, and forgets it; a dead one is only forgotten")
    public String kill(@Descriptor(WHICH) String guest) throws UsageException {
        Guest g = guests.find(guest);
        g.dismiss();
        g.kill("killed by the user");
        guests.host().forget(g);
        return g + " killed";
    }

    @Descriptor("tells who sits in each seat of a guest's machine")
    public String parts(@Descriptor(WHICH) String guest) throws UsageException { return String.join("\n", guests.host().seats(guests.find(guest))); }

    @Descriptor("tells who sits in each seat, for every guest")
    public String parts() {
        List<String> lines = new ArrayList<>();
        for (Guest g : guests.host().guests()) {
            lines.add(g + ":");
            guests.host().seats(g).forEach(l -> lines.add("  " + l));
        }
        return lines.isEmpty() ? "no guests; lguest:start starts one" : String.join("\n", lines);
    }

    @Descriptor("shows a guest's registers as they are between two turns")
    public String regs(@Descriptor(WHICH) String guest) throws UsageException, InterruptedException { return Registers.of(guests.find(guest)); }

    @Descriptor("shows the last events in a guest's life")
    public String log(@Descriptor(WHICH) String guest) throws UsageException {
        StringBuilder s = new StringBuilder();
        for (EventLog.Event e : guests.find(guest).log().events()) s.append(TIME.format(e.at())).append("  ").append(e.text()).append('\n');
        return s.toString().stripTrailing();
    }

    @Override
    public List<String> completions(List<String> words, int index) {
        return switch (words.getFirst()) {
            case "start" -> index < words.size() ? OptionWords.values(words.get(index), Path.of(""), guests.engines()) : List.of();
            case "list" -> List.of();
            case "plug" -> index == 1 ? guests.names() : index == 2 ? guests.labels() : List.of();
            default -> index == 1 ? guests.names() : List.of();
        };
    }
}

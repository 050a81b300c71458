package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Farewell;
import org.lguest.api.GuestSpec;
import org.lguest.api.Limits;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.state.Rate;

class OptionsTest {
    private static final Path HERE = Path.of("");
    private static final List<String> ENGINES = List.of("interpreter", "tiered");

    private static Options parse(String... words) throws UsageException { return Options.parse(List.of(words), HERE, ENGINES); }

    private static String refused(String... words) { return assertThrows(UsageException.class, () -> parse(words)).getMessage(); }

    @Test
    void noWordsAreTheBundledGuestWith32MegabytesAndNothingElse() throws Exception {
        assertEquals(new GuestSpec(null, 32, null, null, "", List.of(), null), parse().spec());
    }

    @Test
    void optionsMayStandBehindTheKernelAsInTheManualOfTheOriginal() throws Exception {
        GuestSpec s = parse("64", "vmlinux", "--block=rootfile", "root=/dev/vda").spec();
        assertEquals(64, s.memoryMiB());
        assertEquals(Path.of("vmlinux"), s.kernel());
        assertEquals("root=/dev/vda", s.commandLine());
        assertEquals(List.of(new GuestSpec.Device(DeviceType.BLOCK, "raw:rootfile")), s.devices());
    }

    @Test
    void devicesKeepTheirOrder() throws Exception {
        List<GuestSpec.Device> d = parse("--block=a", "--rng", "--block", "b,ro").spec().devices();
        assertEquals(List.of(new GuestSpec.Device(DeviceType.BLOCK, "raw:a"), new GuestSpec.Device(DeviceType.RNG, "host:"),
            new GuestSpec.Device(DeviceType.BLOCK, "raw:b,ro")), d);
    }

    private static String card(String... words) throws UsageException {
        GuestSpec.Device d = parse(words).spec().devices().getFirst();
        assertEquals("net", d.label());
        return d.backend();
    }

    @Test
    void cardsArePluggedIntoWhatIsSaid() throws Exception {
        List<GuestSpec.Device> d = parse("--net=switch:lan", "--net", "user").spec().devices();
        assertEquals(List.of(new GuestSpec.Device(DeviceType.NET, "switch:lan"), new GuestSpec.Device(DeviceType.NET, "user:")), d);
        assertEquals("user:hostfwd=tcp:2222-:22", card("--net=user:hostfwd=tcp:2222-:22"));
        assertTrue(refused("--net").contains("--net needs a value"));
    }

    private static String disk(String value) throws UsageException {
        return Options.parse(List.of("--block=" + value), Path.of("/home"), ENGINES).spec().devices().getFirst().backend();
    }

    @Test
    void limitsBelongToTheGuestAndToTheDeviceInWhoseSpecTheyStand() throws Exception {
        GuestSpec s = parse("--cpu=25%", "--rng", "--block=a,rate=10M,ro,ops=200", "--net=user,rate=1500", "--block=b").spec();
        assertEquals(Limits.NONE.cpu(25).device(1, new Rate(10 << 20, 200)).device(2, new Rate(1500, 0)), s.limits());
        assertEquals(List.of("host:", "raw:a,ro", "user:", "raw:b"), s.devices().stream().map(GuestSpec.Device::backend).toList());
        assertEquals(0, parse("--cpu=100").spec().limits().cpuPercent());
    }

    @Test
    void preferencesNameASeatAndAProvider() throws Exception {
        assertEquals(Map.of("cpu", "interpreter", "block0.backend", "org.x/1.0=beta"),
            parse("--prefer=cpu=interpreter", "--prefer", "block0.backend=org.x/1.0=beta").spec().seats());
        for (String wrong : List.of("--prefer=cpu", "--prefer==x", "--prefer=cpu=")) assertTrue(refused(wrong).contains("want --prefer=SEAT=PROVIDER"), wrong);
    }

    @Test
    void anEngineIsAPreferenceForTheProcessorsSeat() throws Exception {
        assertEquals(Map.of("cpu", "tiered"), parse("--engine=tiered").spec().seats());
        assertEquals(Map.of("cpu", "Interpreter"), parse("--prefer=cpu=x", "--engine", "Interpreter").spec().seats(), "the last one counts");
        assertEquals(Map.of("cpu", "org.x/fast"), parse("--engine=org.x/fast").spec().seats());
        assertEquals("there is no engine 'teared'; did you mean tiered?; there are: interpreter, tiered", refused("--engine=teared"));
        assertTrue(refused("--engine").contains("--engine needs a value"));
        assertEquals(Map.of("cpu", "anything"), Options.parse(List.of("--engine=anything"), HERE, List.of()).spec().seats(), "nobody knows while none is there");
    }

    @Test
    void whoTypesAnEngineIsOfferedThoseThatAreThere() {
        assertEquals(List.of("--engine=interpreter", "--engine=tiered"), OptionWords.values("--engine=", HERE, ENGINES));
        assertEquals(List.of("--engine=tiered"), OptionWords.values("--engine=t", HERE, ENGINES));
    }

    @Test
    void aGuestIsAskedToPowerOffInTheWordsThatItUnderstands() throws Exception {
        assertEquals(Farewell.PUPPY, parse().spec().farewell());
        assertEquals(Farewell.NONE, parse("64", "vmlinux").spec().farewell());
        assertEquals(new Farewell("poweroff", 30), parse("64", "vmlinux", "--shutdown=poweroff", "--grace", "30").spec().farewell());
        for (String wrong : List.of("--grace=-1", "--grace=3601", "--grace=soon", "--shutdown"))
            assertTrue(refused(wrong).matches(".*(want seconds, 0 to 3600|needs a value).*"), () -> refused(wrong));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cpu=0", "--cpu=101%", "--cpu=half", "--cpu=-5", "--cpu", "--block=a,rate=", "--block=a,rate=0", "--block=a,ops=many",
        "--net=user,rate=1T", "--block=a,rate=9999999999999999999"})
    void limitsThatMakeNoSenseAreRefused(String word) { assertTrue(refused(word).matches(".*(want|needs a value).*"), () -> refused(word)); }

    @Test
    void ratesAreSaidAsTheyAreUnderstood() throws Exception {
        for (String words : List.of("rate=10M,ops=200", "rate=1000", "ops=1G", "off")) assertEquals(words, Rates.words(Rates.parse(words)));
        assertEquals("rate=512K", Rates.words(Rates.parse("rate=524288")));
        for (String wrong : List.of("", "10M", "rate=1,on", "Rate=1")) assertThrows(UsageException.class, () -> Rates.parse(wrong), wrong);
    }

    @Test
    void whoMistypesAnOptionIsToldWhichIsNear() {
        assertTrue(refused("--blok=a").contains("did you mean --block?"));
        assertTrue(refused("--initrc=a").contains("did you mean --initrd?"));
        assertFalse(refused("--quiet").contains("did you mean"));
    }

    @Test
    void aDiskIsAFileUnlessASchemeSaysWhatItIs() throws Exception {
        assertEquals("raw:/home/d.img,ro", disk("raw:d.img,ro"));
        assertEquals("overlay:/home/base", disk("overlay:base"));
        assertEquals("overlay:/abs/base,rebase,file=/home/delta,bs=4096", disk("overlay:/abs/base,rebase,file=delta,bs=4096"));
        assertEquals("mem:64M", disk("mem:64M"));
        assertEquals("qcow2:/home/d.qcow2,ro", disk("qcow2:d.qcow2,ro"));
        assertTrue(refused("--block=d.qcow2,ro").contains("say --block=qcow2:d.qcow2,ro"));
        assertEquals("raw:/home/d.qcow2", disk("raw:d.qcow2"));
        assertEquals("yours:what you like", disk("yours:what you like"));
        assertEquals("raw:/home/C:\\disk.img", disk("C:\\disk.img"));
        assertTrue(refused("--block=overlay:").contains("names no file"));
    }

    @Test
    void aFileWhoseNameLooksLikeASchemeIsAFile(@TempDir Path dir) throws Exception {
        Path file = Files.createFile(dir.resolve("mem:64M"));
        assertEquals("raw:" + file, Options.parse(List.of("--block=mem:64M"), dir, ENGINES).spec().devices().getFirst().backend());
    }

    @Test
    void theLogOfTheConsoleIsAReaderOfTheLastDevice() throws Exception {
        List<GuestSpec.Device> d = Options.parse(List.of("--console-log=c.log", "--rng"), Path.of("/home"), ENGINES).spec().devices();
        assertEquals(List.of(new GuestSpec.Device(DeviceType.RNG, "host:"), new GuestSpec.Device(DeviceType.CONSOLE, "hub:log=/home/c.log")), d);
        assertTrue(refused("--console-log=").contains("needs a value"));
    }

    @Test
    void fileNamesOfCapturesAndSocketsAreMeantFromTheFolderOn() throws Exception {
        List<GuestSpec.Device> d = Options.parse(List.of("--net=pcap:a.pcapng,mac:02:00:00:00:00:01,socket:unix=s", "--net=socket:unix-listen=/abs",
            "--net=socket:connect=here:4000", "--net=pcap:/b,switch:lan"), Path.of("/home"), ENGINES).spec().devices();
        assertEquals(List.of("pcap:/home/a.pcapng,mac:02:00:00:00:00:01,socket:unix=/home/s", "socket:unix-listen=/abs", "socket:connect=here:4000",
            "pcap:/b,switch:lan"), d.stream().map(GuestSpec.Device::backend).toList());
    }

    @Test
    void devicesOfAnyKindGoByTheirLabel() throws Exception {
        assertEquals(List.of(new GuestSpec.Device("pantry", ""), new GuestSpec.Device("net", "user:"), new GuestSpec.Device("block", "mem:1M"),
            new GuestSpec.Device("lamp", "", true)), parse("--device=pantry", "--device", "net:user", "--device=block:mem:1M", "--await=lamp").spec().devices());
        assertTrue(refused("--device").contains("--device needs a value"));
        assertTrue(refused("--await=").contains("--await needs a value"));
    }

    @Test
    void sharenetIsAFileHere() throws Exception {
        assertEquals("share:/home/lan", Options.parse(List.of("--sharenet=lan"), Path.of("/home"), ENGINES).spec().devices().getFirst().backend());
        assertEquals("share:/tmp/lan", card("--sharenet", "/tmp/lan"));
        assertTrue(refused("--sharenet").contains("--sharenet needs a value"));
    }

    @Test
    void theClassicPuppyGoesByItsName() throws Exception {
        assertEquals(Path.of("puppy-classic"), parse("16", "puppy-classic").spec().kernel());
    }

    @Test
    void tunnetIsThatOfTheOriginal() throws Exception {
        assertEquals("tap:,ip=192.168.19.1", card("--tunnet=192.168.19.1"));
        assertEquals("tap:,bridge=br0", card("--tunnet", "bridge:br0"));
        assertEquals("mac:02:00:00:00:00:0A,tap:,ip=192.168.19.1", card("--tunnet=192.168.19.1:02:00:00:00:00:0A"));
        assertEquals("mac:02:00:00:00:00:01,tap:,bridge=br0", card("--tunnet=bridge:br0:02:00:00:00:00:01"));
        assertTrue(refused("--tunnet=eth0").contains("--tunnet=IP[:MAC] or --tunnet=bridge:NAME[:MAC]"));
    }

    @Test
    void wordsBehindTwoDashesAreTheKernelsWhateverTheyLookLike() throws Exception {
        assertEquals("quiet --block=x -s", parse("64", "vmlinux", "quiet", "--", "--block=x", "-s").spec().commandLine());
    }

    @Test
    void fileNamesAreMeantFromTheFolderOn() throws Exception {
        GuestSpec s = Options.parse(List.of("--block=d", "--initrd=i", "--initrd", "/abs", "8", "k"), Path.of("/home"), ENGINES).spec();
        assertEquals("raw:/home/d", s.devices().getFirst().backend());
        assertEquals(Path.of("/abs"), s.initrd(), "the last one counts");
        assertEquals(Path.of("/home/k"), s.kernel());
    }

    @Test
    void theBundledGuestsHaveNamesUnlessThereIsSuchAFile(@TempDir Path dir) throws Exception {
        assertNull(parse("32", "puppy", "run=help").spec().kernel());
        assertNull(parse("32", "puppy-pae").spec().kernel());
        assertEquals(true, parse("32", "puppy-pae").spec().pae());
        Path file = Files.createFile(dir.resolve("puppy"));
        assertEquals(file, Options.parse(List.of("32", "puppy"), dir, ENGINES).spec().kernel());
    }

    @Test
    void paeVerboseNameAndAttachAreKept() throws Exception {
        Options o = parse("--pae", "-v", "--name=rex", "--attach");
        assertEquals(true, o.spec().pae());
        assertEquals("rex", o.spec().name());
        assertTrue(o.verbose() && o.attach());
        assertNull(parse("1").spec().pae());
    }

    @Test
    void helpAndVersionNeedNoGuest() throws Exception {
        assertTrue(parse("--help", "nonsense").help());
        assertTrue(parse("--version").version());
        assertNull(parse("-h").spec());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "64M", "vmlinux", "99999999999"})
    void memoryIsANumberAboveZero(String word) {
        String m = refused("--", word, "vmlinux");
        assertTrue(m.contains("memory") && m.contains(word), m);
    }

    @Test
    void whatMakesNoSenseIsToldByName() {
        assertTrue(refused("--frobnicate").contains("--frobnicate"));
        assertTrue(refused("-x").contains("-x"));
        assertTrue(refused("--rng=yes").contains("--rng takes no value"));
        assertTrue(refused("--block").contains("--block needs a value"));
        assertTrue(refused("--initrd=").contains("--initrd needs a value"));
        assertTrue(refused("--chroot=/tmp").contains("not needed"));
    }
}

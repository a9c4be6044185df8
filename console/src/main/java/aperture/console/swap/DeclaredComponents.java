package aperture.console.swap;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.osgi.framework.Bundle;
import org.osgi.service.component.ComponentConstants;

/**
 * What a bundle's component descriptions promise, whether it is started or not (Declarative
 * Services 1.5, section 112.4, Component Description).
 */
final class DeclaredComponents {

  private static final int MOST = 256;
  private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

  private DeclaredComponents() {}

  /** The values of a service property in all descriptions; unreadable ones promise nothing. */
  static List<String> values(Bundle bundle, String property) {
    String header = bundle.getHeaders("").get(ComponentConstants.SERVICE_COMPONENT);
    List<String> values = new ArrayList<>();
    if (header != null) {
      COMMA
          .splitAsStream(header.strip())
          .limit(MOST)
          .map(bundle::getEntry)
          .filter(url -> url != null)
          .forEach(url -> read(url, property, values));
    }
    return values;
  }

  private static void read(URL description, String property, List<String> values) {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try (InputStream in = description.openStream()) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT
            && xml.getLocalName().equals("property")
            && property.equals(xml.getAttributeValue(null, "name"))) {
          String value = xml.getAttributeValue(null, "value");
          if (value != null) {
            values.add(value);
          }
        }
      }
    } catch (IOException | XMLStreamException e) {
      // A stranger's broken description is the component runtime's affair; it promises nothing
      // here.
    }
  }
}

//! Two pictures laid upon each other.
//!
//! After pixelmatch (<https://github.com/mapbox/pixelmatch>, ISC): colours are compared in the YIQ space, as
//! Kotsarenko and Ramos measure it ("Measuring perceived color difference using YIQ NTSC transmission color space in
//! mobile applications", 2010), and pixels of smoothed edges do not count, as Vysniauskas finds them ("Anti-aliased
//! Pixel and Intensity Slope Detector", 2009).

use std::ops::RangeInclusive;

/// The largest difference of two colours, black and white, by [`difference`].
const LARGEST: f64 = 35_215.0;

/// How much of the picture shines through where nothing differs.
const FAINT: f64 = 0.1;

const RED: Colour = [255, 0, 0];
const YELLOW: Colour = [255, 255, 0];

type Colour = [u8; 3];

/// A picture without transparency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run::browser) struct Pixels {
    width: usize,
    colours: Vec<Colour>,
}

/// What two pictures of the same size have not in common.
#[derive(Debug)]
pub(in crate::run::browser) struct Differing {
    /// How many pixels differ so that a person could see it.
    pub(in crate::run::browser) count: u64,
    /// They are red, smoothed edges yellow, the rest is faint.
    pub(in crate::run::browser) picture: Pixels,
}

impl Pixels {
    /// Reads a PNG; none if it is none that can be read.
    pub(in crate::run::browser) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let mut buffer = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut buffer).ok()?;
        let samples = &buffer[..info.buffer_size()];
        let colours = match info.color_type {
            png::ColorType::Grayscale => samples.iter().map(|grey| [*grey; 3]).collect(),
            png::ColorType::GrayscaleAlpha => samples.chunks_exact(2).map(|pixel| [pixel[0]; 3]).collect(),
            png::ColorType::Rgb => samples.chunks_exact(3).map(read_colour).collect(),
            png::ColorType::Rgba => samples.chunks_exact(4).map(read_colour).collect(),
            png::ColorType::Indexed => return None,
        };
        Some(Self { width: usize::try_from(info.width).ok()?.max(1), colours })
    }

    /// Writes a PNG; none if it is too large for one.
    pub(in crate::run::browser) fn encode(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let (width, height) = self.size();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(self.colours.as_flattened()).ok()?;
        writer.finish().ok()?;
        Some(bytes)
    }

    /// Width and height.
    pub(in crate::run::browser) fn size(&self) -> (u32, u32) {
        let limit = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (limit(self.width), limit(self.height()))
    }

    /// How many pixels it has.
    pub(in crate::run::browser) fn count(&self) -> u64 {
        self.colours.len() as u64
    }

    fn height(&self) -> usize {
        self.colours.len() / self.width
    }

    /// The pixels around one, itself included, and whether some are missing there because it is at the edge.
    fn around(&self, at: usize) -> (impl Iterator<Item = usize> + use<>, bool) {
        let span = |centre: usize, length: usize| centre.saturating_sub(1)..=(centre + 1).min(length - 1);
        let (columns, rows) = (span(at % self.width, self.width), span(at / self.width, self.height()));
        let count = |range: &RangeInclusive<usize>| range.end() - range.start() + 1;
        let is_at_edge = count(&columns) < 3 || count(&rows) < 3;
        let width = self.width;
        (rows.flat_map(move |row| columns.clone().map(move |column| row * width + column)), is_at_edge)
    }

    /// Whether at least three of the pixels around one have its very colour.
    fn has_many_siblings(&self, at: usize) -> bool {
        let (around, is_at_edge) = self.around(at);
        let same = around.filter(|other| *other != at && self.colours[*other] == self.colours[at]).count();
        same + usize::from(is_at_edge) > 2
    }

    /// Whether a pixel smooths an edge: it has darker and brighter neighbours, hardly any like itself, and the darkest
    /// or the brightest of them belongs to a plain part in both pictures.
    fn is_smoothed(&self, other: &Self, at: usize) -> bool {
        let (around, is_at_edge) = self.around(at);
        let mut equal = usize::from(is_at_edge);
        let (mut darkest, mut brightest) = ((0.0, at), (0.0, at));
        for next in around.filter(|next| *next != at) {
            let delta = brightness(self.colours[at]) - brightness(self.colours[next]);
            if self.colours[at] == self.colours[next] || delta == 0.0 {
                equal += 1;
                if equal > 2 {
                    return false;
                }
            } else if delta < darkest.0 {
                darkest = (delta, next);
            } else if delta > brightest.0 {
                brightest = (delta, next);
            }
        }
        let is_plain = |at: usize| self.has_many_siblings(at) && other.has_many_siblings(at);
        darkest.0 < 0.0 && brightest.0 > 0.0 && (is_plain(darkest.1) || is_plain(brightest.1))
    }
}

/// Compares two pictures; none if their sizes differ. `threshold` says how far colours may be apart, from 0 to 1.
pub(in crate::run::browser) fn compare(
    expected: &Pixels,
    actual: &Pixels,
    threshold: f64,
) -> Option<Differing> {
    if expected.size() != actual.size() {
        return None;
    }
    let limit = LARGEST * threshold * threshold;
    let mut count = 0;
    let colours = (0..expected.colours.len()).map(|at| {
        let (old, new) = (expected.colours[at], actual.colours[at]);
        if old == new || difference(old, new) <= limit {
            return fade(old);
        }
        if expected.is_smoothed(actual, at) || actual.is_smoothed(expected, at) {
            return YELLOW;
        }
        count += 1;
        RED
    });
    let picture = Pixels { width: expected.width, colours: colours.collect() };
    Some(Differing { count, picture })
}

fn read_colour(pixel: &[u8]) -> Colour {
    [pixel[0], pixel[1], pixel[2]]
}

/// The luma of YIQ.
fn brightness([red, green, blue]: Colour) -> f64 {
    f64::from(red) * 0.298_895_31 + f64::from(green) * 0.586_622_47 + f64::from(blue) * 0.114_482_23
}

/// How far two colours are apart for an eye, squared: 0 for the same one, [`LARGEST`] for black and white.
fn difference(one: Colour, other: Colour) -> f64 {
    let [red, green, blue] = [0, 1, 2].map(|channel| f64::from(one[channel]) - f64::from(other[channel]));
    let y = red * 0.298_895_31 + green * 0.586_622_47 + blue * 0.114_482_23;
    let i = red * 0.595_977_99 - green * 0.274_176_10 - blue * 0.321_801_89;
    let q = red * 0.211_470_17 - green * 0.522_617_11 + blue * 0.311_146_94;
    0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q
}

/// A faint grey of a colour.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
fn fade(colour: Colour) -> Colour {
    [(255.0 + (brightness(colour) - 255.0) * FAINT).round() as u8; 3]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture from letters: each is one grey.
    fn picture(rows: &[&str]) -> Pixels {
        let grey = |letter| match letter {
            '#' => 0,
            '+' => 128,
            'o' => 200,
            _ => 255,
        };
        Pixels {
            width: rows[0].len(),
            colours: rows.concat().chars().map(|letter| [grey(letter); 3]).collect(),
        }
    }

    #[test]
    fn the_same_picture_differs_nowhere_and_a_dot_in_one_place() {
        let plain = picture(&["......", "......", "......", "......"]);
        assert_eq!(compare(&plain, &plain, 0.2).unwrap().count, 0);
        let dotted = picture(&["......", "..##..", "..##..", "......"]);
        let differing = compare(&plain, &dotted, 0.2).unwrap();
        assert_eq!(differing.count, 4);
        assert_eq!(differing.picture.colours[8], RED);
        assert_eq!(differing.picture.colours[0], [255; 3]);
    }

    #[test]
    fn black_and_white_are_as_far_apart_as_can_be_and_near_colours_are_the_same() {
        assert!((difference([0; 3], [255; 3]) - 32_857.0).abs() < 1.0, "{}", difference([0; 3], [255; 3]));
        assert!(difference([255, 255, 0], [0, 0, 255]) <= LARGEST);
        let [light, lighter] = [200, 205].map(|grey| Pixels { width: 1, colours: vec![[grey; 3]] });
        assert_eq!(compare(&light, &lighter, 0.2).unwrap().count, 0);
        assert_eq!(compare(&light, &lighter, 0.0).unwrap().count, 1);
    }

    #[test]
    fn a_smoothed_edge_that_moves_by_a_part_of_a_pixel_does_not_count() {
        let edge = |letter: &str| picture(&[&format!("###{letter}...") as &str; 5]);
        assert_eq!(compare(&edge("+"), &edge("o"), 0.05).unwrap().count, 0);
        assert!(compare(&edge("+"), &edge("o"), 0.05).unwrap().picture.colours.contains(&YELLOW));
    }

    #[test]
    fn pictures_of_other_sizes_are_not_compared_and_what_is_written_is_read_again() {
        let one = picture(&["#+o.", ".o+#"]);
        assert!(compare(&one, &picture(&["#+o", ".o+"]), 0.2).is_none());
        assert_eq!(Pixels::decode(&one.encode().unwrap()).unwrap(), one);
        assert_eq!(one.size(), (4, 2));
        assert!(Pixels::decode(b"no picture").is_none());
    }
}
